import type { PaymentsToWorkOn } from '@libs/disbursements';
import type { Logger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';

import { TenantRound } from './tenant-round';

export interface PaymentRoundOptions {
  readonly unit: UnitOfWork;
  readonly payments: PaymentsToWorkOn;
  readonly logger: Logger;
  readonly jobName: string;
  /** Of the payments that may have something to do. */
  readonly status: 'READY' | 'PENDING';
  /** Why tenants are looked for, for the list of reads across tenants. */
  readonly reason: string;
}

/** The round over the tenants that have payments in one state. */
export class PaymentRound {
  private readonly round: TenantRound;

  constructor(private readonly options: PaymentRoundOptions) {
    this.round = new TenantRound(options.logger, options.jobName);
  }

  async run(work: (tenantId: string) => Promise<void>): Promise<void> {
    const { unit, payments, status, reason } = this.options;
    await this.round.run(
      (after, limit) =>
        unit.runSystem(reason, (tx) => payments.tenantsWithPayments(tx, status, after, limit)),
      work,
    );
  }
}
