import { PaymentsToWorkOn } from '@libs/disbursements';
import { newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { PaymentDispatcher } from './payment-dispatcher.service';

const TENANTS_MAX = 1_000;
const CHUNK = 250;
/** Per tenant and run, so that one with a million ready payments does not keep the others waiting. */
const CHUNKS_MAX = 40;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/** Finds every payment that can be dispatched, whatever event was lost. Events only make it faster. */
@Injectable()
export class DispatchSweepJob {
  static readonly jobName = 'core-dispatch-sweep';
  static readonly everyMs = 30_000;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly payments: PaymentsToWorkOn,
    private readonly dispatcher: PaymentDispatcher,
  ) {}

  async run(): Promise<void> {
    const tenants = await this.unit.runSystem('tenants with payments that wait to be dispatched', (tx) =>
      this.payments.tenantsWithPayments(tx, 'READY', TENANTS_MAX),
    );
    for (const tenantId of tenants) await this.sweep(tenantId);
  }

  private async sweep(tenantId: string): Promise<void> {
    let after: string | null = LOWEST_ID;
    for (let chunk = 0; chunk < CHUNKS_MAX && after !== null; chunk += 1) {
      after = await this.sweepChunk(tenantId, after);
    }
  }

  /** Returns where the next chunk begins, or null when there is none. */
  private async sweepChunk(tenantId: string, after: string): Promise<string | null> {
    const context = { tenantId, actor: 'system:dispatch-sweep', trace: newTrace() };
    return await this.unit.run(context, async (tx) => {
      const found = await this.payments.dispatchableAfter(tx, after, CHUNK);
      await this.dispatcher.dispatch(
        tx,
        found.map((payment) => payment.id),
      );
      return found.length < CHUNK ? null : (found.at(-1)?.id ?? null);
    });
  }
}
