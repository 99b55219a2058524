import { noteChange } from '@libs/identity';
import type { UnitOfWork } from '@libs/persistence';
import { PAYMENTS_PER_ENVELOPE_MAX, type PaymentTerms, PaymentTermsRepository } from '@libs/tenants';

import { auditedCommand } from './audited-command';
import { CommandError } from './cli-platform';
import { tenantNamed } from './named-tenant';

const MAX_BASE_FEE = { min: 100, max: 100_000_000 } as const;

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** What `--payments-per-envelope` and `--max-base-fee` say. Throws a CommandError for what may not be. */
export function termsFrom(values: Values): Partial<PaymentTerms> {
  const perEnvelope = values['payments-per-envelope'];
  const fee = values['max-base-fee'];
  return {
    ...(typeof perEnvelope === 'string' && {
      paymentsPerEnvelope: wholeOf(perEnvelope, '--payments-per-envelope', 1, PAYMENTS_PER_ENVELOPE_MAX),
    }),
    ...(typeof fee === 'string' && {
      maxBaseFee:
        fee === 'default' ? null : BigInt(wholeOf(fee, '--max-base-fee', MAX_BASE_FEE.min, MAX_BASE_FEE.max)),
    }),
  };
}

function wholeOf(text: string, option: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new CommandError(`${option} must be a whole number from ${String(min)} to ${String(max)}`);
}

/** Changes how a tenant's payments are put into ledger transactions; an order without terms changes nothing. Returns what holds now. */
export async function changePaymentTerms(
  uow: UnitOfWork,
  order: { readonly tenant: string; readonly terms: Partial<PaymentTerms>; readonly actor: string },
): Promise<PaymentTerms> {
  const tenant = await tenantNamed(uow, order.tenant);
  const terms = new PaymentTermsRepository();
  const looking = { tenantId: tenant.id, actor: order.actor, trace: '' };
  if (Object.keys(order.terms).length === 0) return await uow.run(looking, (tx) => terms.find(tx));
  const changing = { ...looking, beforeCommit: auditedCommand('tenants payment-terms') };
  return await uow.run(changing, async (tx) => {
    const before = await terms.find(tx);
    if (!(await terms.change(tx, order.terms))) {
      throw new CommandError(`${order.tenant} is still being provisioned: repeat when that is done`);
    }
    const after = await terms.find(tx);
    noteChange(tx, {
      subjectType: 'organization',
      subjectId: tenant.id,
      before: summaryOf(before),
      after: summaryOf(after),
    });
    return after;
  });
}

const summaryOf = ({ paymentsPerEnvelope, maxBaseFee }: PaymentTerms): object => ({
  payments_per_envelope: paymentsPerEnvelope,
  max_base_fee: maxBaseFee,
});
