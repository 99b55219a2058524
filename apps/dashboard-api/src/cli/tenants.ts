import { parseArgs } from 'node:util';

import { DISTRIBUTION_ACCOUNT_TYPES, type Tenant } from '@libs/tenants';

import { runCommand, runDatabaseCommand } from './cli-platform';
import { disableRecaptcha } from './disable-recaptcha';
import { defaultTenantOrderFrom, ensureDefault } from './ensure-default';
import { changePaymentTerms, termsFrom } from './payment-terms';

const USAGE = `npm run tenants -- ensure-default [options]

Creates the tenant "default" with its owner and, once it is ready, makes it the default one. Repeating it goes on where it
stopped.
Prints the tenant as one line of JSON: {"id": …, "name": …, "status": …, "distribution_account_address": …}

  --default-tenant-owner-email <address>
  --default-tenant-owner-first-name <name>
  --default-tenant-owner-last-name <name>
  --default-tenant-distribution-account-type <type>   ${DISTRIBUTION_ACCOUNT_TYPES.filter((type) => !type.includes('CIRCLE')).join(' or ')}
  --default-tenant-organization-name <name>           "Default Organization" when left out
  --disable-mfa                                       sign-in without a second factor for this organisation
  --disable-recaptcha                                 no captcha for this organisation

npm run tenants -- payment-terms <tenant name> [options]

Changes how the tenant's payments are put into ledger transactions, from the next one on (within 2 s), and prints what
holds now as one line of JSON. Without options it only prints.

  --payments-per-envelope <1 to 100>                  how many payments may share a ledger transaction
  --max-base-fee <stroops per operation | default>    the most that is bid; never above MAX_BASE_FEE

npm run tenants -- disable-recaptcha <tenant name>

Switches the captcha off for the tenant, whose staff cannot when nobody can solve it: RECAPTCHA_SITE_KEY or
RECAPTCHA_SITE_SECRET_KEY was taken away. Needs DATABASE_URL only.
`;

const ACTOR = 'system:command line';

const OPTIONS = {
  'default-tenant-owner-email': { type: 'string' },
  'default-tenant-owner-first-name': { type: 'string' },
  'default-tenant-owner-last-name': { type: 'string' },
  'default-tenant-distribution-account-type': { type: 'string' },
  'default-tenant-organization-name': { type: 'string', default: 'Default Organization' },
  'disable-mfa': { type: 'boolean', default: false },
  'disable-recaptcha': { type: 'boolean', default: false },
  'payments-per-envelope': { type: 'string' },
  'max-base-fee': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const summaryOf = (tenant: Tenant): object => ({
  id: tenant.id,
  name: tenant.name,
  status: `TENANT_${tenant.status}`,
  distribution_account_address: tenant.distributionAccountAddress,
  distribution_account_type: tenant.distributionAccountType,
});

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [command, tenant] = positionals;
  if (!values.help && command === 'payment-terms' && tenant !== undefined) {
    const order = { tenant, terms: termsFrom(values), actor: ACTOR };
    await runCommand(async ({ unitOfWork }) => {
      const { paymentsPerEnvelope, maxBaseFee } = await changePaymentTerms(unitOfWork, order);
      const summary = {
        tenant,
        payments_per_envelope: paymentsPerEnvelope,
        max_base_fee: maxBaseFee === null ? null : Number(maxBaseFee),
      };
      process.stdout.write(`${JSON.stringify(summary)}\n`);
    });
    return;
  }
  if (!values.help && command === 'disable-recaptcha' && tenant !== undefined) {
    await runDatabaseCommand(async ({ unitOfWork }) => {
      await disableRecaptcha(unitOfWork, { tenant, actor: ACTOR });
      process.stdout.write(`${JSON.stringify({ tenant, captcha_disabled: true })}\n`);
    });
    return;
  }
  if (values.help || command !== 'ensure-default') {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const order = defaultTenantOrderFrom(values);
  await runCommand(async (platform) => {
    process.stdout.write(`${JSON.stringify(summaryOf(await ensureDefault(platform, order)))}\n`);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
