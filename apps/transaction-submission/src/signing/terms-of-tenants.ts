import type { UnitOfWork } from '@libs/persistence';
import type { PaymentTerms, PaymentTermsRepository } from '@libs/tenants';

import { asTenant, type EngineSettings, type Monotonic } from '../engine-context';

/** What holds for one tenant: its own terms within what this process allows. */
export interface EffectiveTerms {
  readonly paymentsPerEnvelope: number;
  /** In stroops per operation. */
  readonly maxBaseFee: bigint;
}

const KEPT_MS = 2_000;
const TENANTS_KEPT_MAX = 2_000;

/** On which terms a tenant pays. A change takes effect within 2 s. */
export class TermsOfTenants {
  private readonly kept = new Map<string, { readonly terms: EffectiveTerms; readonly until: number }>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly parts: {
      readonly repository: PaymentTermsRepository;
      readonly ceiling: Pick<EngineSettings, 'paymentsPerEnvelope' | 'maxBaseFee'>;
      readonly now: Monotonic;
    },
  ) {}

  async of(tenantId: string): Promise<EffectiveTerms> {
    const { now, repository } = this.parts;
    const known = this.kept.get(tenantId);
    if (known !== undefined && known.until > now()) return known.terms;
    const terms = this.within(await this.uow.run(asTenant(tenantId), (tx) => repository.find(tx)));
    if (this.kept.size >= TENANTS_KEPT_MAX) this.kept.clear();
    this.kept.set(tenantId, { terms, until: now() + KEPT_MS });
    return terms;
  }

  private within({ paymentsPerEnvelope, maxBaseFee }: PaymentTerms): EffectiveTerms {
    const { ceiling } = this.parts;
    return {
      paymentsPerEnvelope: Math.min(paymentsPerEnvelope, ceiling.paymentsPerEnvelope),
      maxBaseFee: maxBaseFee === null || maxBaseFee > ceiling.maxBaseFee ? ceiling.maxBaseFee : maxBaseFee,
    };
  }
}
