import { type EventOf, paymentCompletedV1, paymentReadyToPayV1 } from '@libs/contracts';
import { done, EventHandler, EventRuntime, Outbox, type Outcome } from '@libs/eventing';
import { amountOf, formatAmount, newId, XLM } from '@libs/kernel';
import { MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';

import { InvariantFailedError } from '../benchmark';
import type { Payee } from './payees';

/** As disbursement-core does: so many payments in one database transaction. */
const PAYMENTS_PER_TRANSACTION = 250;
const AT_ONCE = 4;
const LOOK_EVERY_MS = 5;

interface Awaited {
  readonly amount: bigint;
  readonly dispatchedAt: number;
  completedAt: number | null;
}

/**
 * Stands in the place of disbursement-core: hands payments over by the ordinary outbox under that app's role, and handles
 * `payment_completed` as a consumer of that app's group.
 */
export class Dispatcher {
  private readonly awaited = new Map<string, Awaited>();
  private readonly wrong: string[] = [];
  private readonly outbox = new Outbox();
  private readonly uow: UnitOfWork;
  private completedCount = 0;
  private lastCompletedAt = 0;

  private constructor(
    private readonly database: Database,
    private readonly runtime: EventRuntime,
  ) {
    this.uow = new UnitOfWork(database);
    runtime.addHandler(
      new CompletedHandler((event) => {
        this.complete(event);
      }),
    );
  }

  static async start(url: string): Promise<Dispatcher> {
    const database = new Database({ url, applicationName: 'disbursement-core', connectionsMax: 10 });
    const runtime = new EventRuntime({
      database,
      group: 'disbursement-core',
      broker: { type: 'POSTGRES' },
      logger: silentLogger,
      metrics: new MetricsRegistry(),
    });
    const dispatcher = new Dispatcher(database, runtime);
    await runtime.start();
    return dispatcher;
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    await this.database.close();
  }

  get completed(): number {
    return this.completedCount;
  }

  /** When the last outcome was told, by `performance.now()`. */
  get completedAt(): number {
    return this.lastCompletedAt;
  }

  /** Milliseconds from the hand-over to the outcome of each of these payments. */
  latencies(payees: readonly Payee[]): readonly number[] {
    return payees.flatMap(({ paymentId }) => {
      const one = this.awaited.get(paymentId);
      if (one === undefined || one.completedAt === null) return [];
      return [one.completedAt - one.dispatchedAt];
    });
  }

  /** Hands over one disbursement, as fast as the database takes it. */
  async dispatch(tenantId: string, payees: readonly Payee[]): Promise<void> {
    const disbursementId = newId();
    const chunks: (readonly Payee[])[] = [];
    for (let from = 0; from < payees.length; from += PAYMENTS_PER_TRANSACTION) {
      chunks.push(payees.slice(from, from + PAYMENTS_PER_TRANSACTION));
    }
    const rest = chunks.values();
    const work = async (): Promise<void> => {
      for (const chunk of rest) await this.dispatchChunk(tenantId, disbursementId, chunk);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Hands over so many payments per second. */
  async dispatchSteadily(tenantId: string, payees: readonly Payee[], perSecond: number): Promise<void> {
    const disbursementId = newId();
    const size = Math.max(1, Math.round(perSecond / 5));
    const startedAt = performance.now();
    for (let from = 0; from < payees.length; from += size) {
      const due = startedAt + (from / perSecond) * 1_000;
      await pause(Math.max(0, due - performance.now()));
      await this.dispatchChunk(tenantId, disbursementId, payees.slice(from, from + size));
    }
  }

  /** Until so many outcomes have been told in all; throws when none comes for `patienceMs`. */
  async completion(count: number, patienceMs: number): Promise<void> {
    let [seen, since] = [this.completedCount, performance.now()];
    while (this.completedCount < count) {
      await pause(LOOK_EVERY_MS);
      if (this.completedCount > seen) [seen, since] = [this.completedCount, performance.now()];
      else if (performance.now() - since > patienceMs) {
        throw new InvariantFailedError(
          `lost payments: ${String(seen)} outcomes instead of ${String(count)}, and none came for ${String(Math.round(patienceMs / 1_000))} s`,
        );
      }
    }
  }

  /** What was told twice, about nobody's payment, with another amount, or as a failure; none when all is well. */
  problems(): readonly string[] {
    return this.wrong;
  }

  /** For the next run. */
  forget(): void {
    this.awaited.clear();
    this.wrong.length = 0;
    this.completedCount = 0;
  }

  private async dispatchChunk(
    tenantId: string,
    disbursementId: string,
    payees: readonly Payee[],
  ): Promise<void> {
    const dispatchedAt = performance.now();
    for (const { paymentId, amount } of payees) {
      this.awaited.set(paymentId, { amount, dispatchedAt, completedAt: null });
    }
    const context = { tenantId, actor: 'system:benchmark', trace: '' };
    await this.uow.run(context, (tx) =>
      this.outbox.publishChunked(tx, paymentReadyToPayV1, {
        type: 'payment-ready-to-pay-disbursement-started',
        key: disbursementId,
        items: payees.map((one) => readyPayment(one)),
        toData: (payments) => ({
          disbursement_id: disbursementId,
          asset: { id: ASSET_ID, code: XLM.code, issuer: XLM.issuer },
          payments,
        }),
      }),
    );
  }

  private complete(event: EventOf<typeof paymentCompletedV1>): void {
    const now = performance.now();
    for (const { id, outcome, amount_paid: paid, reason_code: reason } of event.data.payments) {
      const one = this.awaited.get(id);
      if (one === undefined) this.wrong.push(`an outcome of an unknown payment ${id}`);
      else if (one.completedAt !== null) this.wrong.push(`a second outcome of ${id}`);
      else if (outcome !== 'SUCCESS') this.wrong.push(`${id}: ${outcome} ${String(reason)}`);
      else if (paid === null || amountOf(paid) !== one.amount) this.wrong.push(`${id}: ${String(paid)} paid`);
      if (one === undefined || one.completedAt !== null) continue;
      one.completedAt = now;
      this.completedCount += 1;
      this.lastCompletedAt = now;
    }
  }
}

const ASSET_ID = newId();

const readyPayment = ({
  paymentId,
  destination,
  amount,
}: Payee): EventOf<typeof paymentReadyToPayV1>['data']['payments'][number] => ({
  id: paymentId,
  dispatch: 1,
  receiver_wallet_id: newId(),
  amount: formatAmount(amount),
  destination,
  memo: null,
});

const pause = async (milliseconds: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
};

class CompletedHandler extends EventHandler<typeof paymentCompletedV1> {
  override readonly contract = paymentCompletedV1;

  constructor(private readonly tell: (event: EventOf<typeof paymentCompletedV1>) => void) {
    super();
  }

  override handle(_tx: TenantTx, event: EventOf<typeof paymentCompletedV1>): Promise<Outcome> {
    this.tell(event);
    return Promise.resolve(done);
  }
}
