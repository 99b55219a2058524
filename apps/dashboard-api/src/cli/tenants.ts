import { parseArgs } from 'node:util';

import { isEmail, normalisedEmail } from '@libs/identity';
import {
  DISTRIBUTION_ACCOUNT_TYPES,
  type DistributionAccountType,
  type Tenant,
  TenantsRepository,
} from '@libs/tenants';

import { auditedCommand } from './audited-command';
import { type CliPlatform, CommandError, runCommand } from './cli-platform';
import { changePaymentTerms, termsFrom } from './payment-terms';

const USAGE = `npm run tenants -- ensure-default [options]

Creates the tenant "default" with its owner and makes it the default one. Repeating it goes on where it stopped.
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
`;

const NAME = 'default';
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

interface DefaultTenantOrder {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly type: DistributionAccountType;
  readonly organizationName: string;
  readonly mfaDisabled: boolean | null;
  readonly captchaDisabled: boolean | null;
}

function parseOrder(values: Readonly<Record<string, string | boolean | undefined>>): DefaultTenantOrder {
  const text = (name: string): string => {
    const value = values[name];
    if (typeof value !== 'string' || value.trim() === '') throw new CommandError(`--${name} is required`);
    return value.trim();
  };
  const typeName = text('default-tenant-distribution-account-type');
  const type = DISTRIBUTION_ACCOUNT_TYPES.find((known) => known === typeName && !known.includes('CIRCLE'));
  if (type === undefined) throw new CommandError(`${typeName} is not a distribution account type:\n${USAGE}`);
  const email = normalisedEmail(text('default-tenant-owner-email'));
  if (!isEmail(email)) throw new CommandError('--default-tenant-owner-email is not an e-mail address');
  return {
    email,
    firstName: text('default-tenant-owner-first-name'),
    lastName: text('default-tenant-owner-last-name'),
    type,
    organizationName: text('default-tenant-organization-name'),
    mfaDisabled: values['disable-mfa'] === true ? true : null,
    captchaDisabled: values['disable-recaptcha'] === true ? true : null,
  };
}

async function ensureDefault(platform: CliPlatform, order: DefaultTenantOrder): Promise<void> {
  const outcome = await platform.provisioning.provision({
    name: NAME,
    organizationName: order.organizationName,
    baseUrl: platform.baseUrl,
    sdpUiBaseUrl: platform.sdpUiBaseUrl,
    distributionAccountType: order.type,
    owner: { email: order.email, firstName: order.firstName, lastName: order.lastName },
    mfaDisabled: order.mfaDisabled,
    captchaDisabled: order.captchaDisabled,
    assets: [],
    actor: ACTOR,
    trace: '',
    beforeCommit: auditedCommand('tenants ensure-default'),
  });
  if (outcome.kind === 'refused') throw new CommandError(`the ledger account was refused: ${outcome.reason}`);
  if (outcome.kind === 'other_account_type')
    throw new CommandError(
      `the default tenant is being made with an account of type ${outcome.accountType}: repeat with that`,
    );
  const tenant = await platform.unitOfWork.runSystem('the operator names the default tenant', async (tx) => {
    const tenants = new TenantsRepository();
    const found = await tenants.findByName(tx, NAME);
    if (found === null) throw new Error('the default tenant is not there');
    await tenants.makeDefault(tx, found.id);
    return found;
  });
  process.stdout.write(`${JSON.stringify(summaryOf(tenant))}\n`);
  if (outcome.kind === 'underway') {
    throw new CommandError(
      'the ledger account or its trustlines are not there yet: is transaction-submission running? Repeat to wait on',
    );
  }
}

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
  if (values.help || command !== 'ensure-default') {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const order = parseOrder(values);
  await runCommand((platform) => ensureDefault(platform, order));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
