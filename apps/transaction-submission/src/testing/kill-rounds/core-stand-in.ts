import { type EventOf, paymentCompletedV1, paymentReadyToPayV1 } from '@libs/contracts';
import { done, EventHandler, EventRuntime, Outbox, type Outcome } from '@libs/eventing';
import { formatAmount, newId, XLM } from '@libs/kernel';
import { MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';

import { ViolationError } from '../simulation/simulated-core';

export interface OrderedPayment {
  readonly id: string;
  readonly dispatch: 1;
  readonly disbursementId: string;
  readonly destination: string;
  /** In stroops, different for every payment: on the ledger it says which one it is. */
  readonly amount: bigint;
}

type Told = 'SUCCESS' | 'FAILED';

const ACTOR = 'system:kill-rounds';
const PAYMENTS_PER_EVENT = 10;
const ASSET_ID = newId();

/**
 * disbursement-core, as far as the protocol goes: hands payments over by the outbox, as that app's role, and handles what is
 * told as a consumer of that app's group.
 */
export class CoreStandIn {
  readonly payments: OrderedPayment[] = [];
  /** By payment and dispatch, as `checkTables` asks for it. */
  readonly told = new Map<string, Told>();
  private readonly tellings = new Map<string, Set<string>>();
  private readonly uow: UnitOfWork;
  private readonly outbox = new Outbox();
  private contradiction: ViolationError | null = null;

  private constructor(
    private readonly database: Database,
    private readonly runtime: EventRuntime,
    private readonly tenantId: string,
  ) {
    this.uow = new UnitOfWork(database);
    runtime.addHandler(
      new CompletedHandler((event) => {
        this.hear(event);
      }),
    );
  }

  static async start(url: string, tenantId: string): Promise<CoreStandIn> {
    const database = new Database({ url, applicationName: 'disbursement-core', connectionsMax: 6 });
    const runtime = new EventRuntime({
      database,
      group: 'disbursement-core',
      broker: { type: 'POSTGRES' },
      logger: silentLogger,
      metrics: new MetricsRegistry(),
    });
    const core = new CoreStandIn(database, runtime, tenantId);
    await runtime.start();
    return core;
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    await this.database.close();
  }

  /** Hands payments over. Throws when PostgreSQL is away, and then nothing was handed over. */
  async dispatch(payments: readonly OrderedPayment[]): Promise<void> {
    const [first] = payments;
    if (first === undefined) return;
    for (let from = 0; from < payments.length; from += PAYMENTS_PER_EVENT) {
      const some = payments.slice(from, from + PAYMENTS_PER_EVENT);
      await this.uow.run({ tenantId: this.tenantId, actor: ACTOR, trace: '' }, (tx) =>
        this.outbox.publishChunked(tx, paymentReadyToPayV1, {
          type: 'payment-ready-to-pay-disbursement-started',
          key: first.disbursementId,
          items: some.map((one) => ({
            id: one.id,
            dispatch: one.dispatch,
            receiver_wallet_id: one.id,
            amount: formatAmount(one.amount),
            destination: one.destination,
            memo: null,
          })),
          toData: (items) => ({
            disbursement_id: first.disbursementId,
            asset: { id: ASSET_ID, code: XLM.code, issuer: XLM.issuer },
            payments: items,
          }),
        }),
      );
      this.payments.push(...some);
    }
  }

  get waiting(): number {
    return this.payments.length - this.told.size;
  }

  /** I3 and I6: what was told never changes, and is told by one event only. */
  check(): void {
    if (this.contradiction !== null) throw this.contradiction;
    for (const [key, events] of this.tellings) {
      if (events.size > 1) throw new ViolationError('I6', `${String(events.size)} events tell of ${key}`);
    }
  }

  private hear(event: EventOf<typeof paymentCompletedV1>): void {
    for (const { id, dispatch, outcome } of event.data.payments) {
      if (outcome === 'WITHDRAWN') continue;
      const key = `${id}/${String(dispatch)}`;
      const before = this.told.get(key);
      if (before !== undefined && before !== outcome) {
        this.contradiction ??= new ViolationError('I3', `${key} was ${before} and is ${outcome}`);
      }
      this.told.set(key, outcome);
      this.tellings.set(key, (this.tellings.get(key) ?? new Set()).add(event.id));
    }
  }
}

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
