import { readDto } from '@libs/http';
import { normalisedEmail } from '@libs/identity';
import { isUsable, type Tenant, TenantsRepository } from '@libs/tenants';

import { DefaultTenant } from '../operator/default-tenant.service';
import type { OperatorActs } from '../operator/operator-audit.service';
import { TenantOrderDto } from '../operator/tenant-order.dto';
import { auditedCommand } from './audited-command';
import { type CliPlatform, CommandError } from './cli-platform';

const NAME = 'default';
const ACTS = { actor: 'system:command line', trace: '' } as const;

/** The options of the command that stand for fields of `POST /tenants`, whose rules hold for them. */
const OPTION_OF: Readonly<Record<string, string>> = {
  owner_email: 'default-tenant-owner-email',
  owner_first_name: 'default-tenant-owner-first-name',
  owner_last_name: 'default-tenant-owner-last-name',
  distribution_account_type: 'default-tenant-distribution-account-type',
  organization_name: 'default-tenant-organization-name',
};

export interface DefaultTenantOrder {
  readonly fields: TenantOrderDto;
  /** Null: as the environment says. */
  readonly mfaDisabled: true | null;
  readonly captchaDisabled: true | null;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** What the options of `ensure-default` say. Throws a CommandError that names everything that is wrong with them. */
export function defaultTenantOrderFrom(values: Values): DefaultTenantOrder {
  const given = Object.entries(OPTION_OF).flatMap(([field, option]) => {
    const value = values[option];
    return typeof value === 'string' ? [[field, value.trim()] as const] : [];
  });
  const { dto, extras } = readDto(TenantOrderDto, { name: NAME, ...Object.fromEntries(given) });
  const mistakes = linesOf(extras);
  if (mistakes !== '') throw new CommandError(mistakes);
  return {
    fields: dto,
    mfaDisabled: values['disable-mfa'] === true ? true : null,
    captchaDisabled: values['disable-recaptcha'] === true ? true : null,
  };
}

/**
 * Makes the tenant `default`, or goes on where an earlier run stopped, and names it the default one when it may be worked with.
 * Throws a CommandError that says what to do otherwise.
 */
export async function ensureDefault(
  platform: Pick<CliPlatform, 'provisioning' | 'unitOfWork' | 'baseUrl' | 'sdpUiBaseUrl'>,
  { fields, ...switches }: DefaultTenantOrder,
): Promise<Tenant> {
  const acts = { ...ACTS, beforeCommit: auditedCommand('tenants ensure-default') };
  const outcome = await platform.provisioning.provision({
    name: NAME,
    organizationName: fields.organization_name,
    baseUrl: platform.baseUrl,
    sdpUiBaseUrl: platform.sdpUiBaseUrl,
    distributionAccountType: fields.distribution_account_type,
    owner: {
      email: normalisedEmail(fields.owner_email),
      firstName: fields.owner_first_name,
      lastName: fields.owner_last_name,
    },
    ...switches,
    assets: [],
    ...acts,
  });
  switch (outcome.kind) {
    case 'refused':
      throw new CommandError(`the ledger account was refused: ${outcome.reason}`);
    case 'underway':
      throw new CommandError(
        'the ledger account or its trustlines are not there yet: is transaction-submission running? Repeat to wait on',
      );
    case 'other_order':
      throw new CommandError(
        `the tenant "${NAME}" is being made as an earlier order said. Repeat with that:\n${linesOf(outcome.underway)}`,
      );
    case 'provisioned':
    case 'name_taken':
      return await madeDefault(platform, acts);
  }
}

async function madeDefault(
  { unitOfWork }: Pick<CliPlatform, 'unitOfWork'>,
  acts: OperatorActs,
): Promise<Tenant> {
  const tenants = new TenantsRepository();
  const found = await unitOfWork.runSystem('the operator names the default tenant', (tx) =>
    tenants.findByName(tx, NAME),
  );
  const tenant =
    found !== null && isUsable(found)
      ? await new DefaultTenant(unitOfWork, tenants).move(found.id, acts)
      : null;
  if (tenant !== null) return tenant;
  throw new CommandError(
    found?.deletedAt === null
      ? `the tenant "${NAME}" is switched off: switch it on with PATCH /tenants/${found.id}, then repeat`
      : `the tenant "${NAME}" was deleted and its name stays taken: make another with POST /tenants and name it with POST /tenants/default-tenant`,
  );
}

/** `--default-tenant-owner-email: invalid email`, a line for each field; what is no option of the command keeps its name. */
const linesOf = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([field, text]) => `${OPTION_OF[field] === undefined ? field : `--${OPTION_OF[field]}`}: ${text}`)
    .join('\n');
