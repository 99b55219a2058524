import { type EventDataOf, type paymentReadyToPayV1, type PaymentStatus } from '@libs/contracts';
import { type PaymentMove, paymentMachine } from '@libs/domain';
import { formatAmount, XLM } from '@libs/kernel';

import type { SeededRandom } from './seeded-random';

export interface SimulatedPayment {
  readonly id: string;
  readonly destination: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly disbursementId: string | null;
  readonly receiverWalletId: string;
  status: PaymentStatus;
  dispatch: number;
  /** A person asked for its end; it takes effect when no attempt is live. */
  cancelRequested: boolean;
}

export interface ToldOutcome {
  readonly id: string;
  readonly dispatch: number;
  readonly outcome: 'SUCCESS' | 'FAILED';
}

export type ReadyData = EventDataOf<typeof paymentReadyToPayV1>;

/** Something that must never happen has happened. */
export class ViolationError extends Error {
  override readonly name = 'ViolationError';

  constructor(
    readonly invariant: string,
    readonly what: string,
  ) {
    super(`${invariant}: ${what}`);
  }
}

const ASSET_ID = '0192a000-0000-7000-8000-000000000001';
const EVENT_PAYMENTS_MAX = 4;
const DELIVERED_TWICE = 0.2;

/** disbursement-core, as far as the protocol goes: payments, their dispatch numbers, and what outcomes do to them. */
export class SimulatedCore {
  /** Outcomes that were told, by payment and dispatch. */
  readonly told = new Map<string, 'SUCCESS' | 'FAILED'>();
  private bus: ReadyData[] = [];

  constructor(
    readonly payments: readonly SimulatedPayment[],
    private readonly random: SeededRandom,
  ) {}

  move(payment: SimulatedPayment, move: PaymentMove): void {
    if (!paymentMachine.sourcesOf(move).includes(payment.status)) {
      throw new ViolationError('I7', `payment ${payment.id}: ${move} from ${payment.status}`);
    }
    payment.status = paymentMachine.targetOf(move);
  }

  /** Draws dispatch numbers for what is READY and puts the events on the bus, some of them twice. */
  dispatchReady(): void {
    const ready = this.payments.filter((one) => one.status === 'READY' && !one.cancelRequested);
    for (const payment of ready) {
      payment.dispatch += 1;
      this.move(payment, 'submit');
    }
    this.publish(ready);
  }

  /** As the job that looks for payments which are PENDING for long: the same dispatch is handed over again. */
  dispatchAgain(): void {
    this.publish(this.payments.filter((one) => one.status === 'PENDING'));
  }

  /** What the bus delivers next, in any order; what is left comes later. */
  deliveries(all: boolean): ReadyData[] {
    const now = this.random.shuffled(this.bus).filter(() => all || this.random.chance(0.7));
    this.bus = this.bus.filter((one) => !now.includes(one));
    const again = now.filter(() => this.random.chance(DELIVERED_TWICE));
    return [...now, ...again];
  }

  hear({ id, dispatch, outcome }: ToldOutcome): void {
    const payment = this.payments.find((one) => one.id === id);
    if (payment === undefined) throw new ViolationError('I6', `an outcome of the unknown payment ${id}`);
    const key = `${id}/${String(dispatch)}`;
    const before = this.told.get(key);
    if (before !== undefined && before !== outcome) {
      throw new ViolationError(
        'I3',
        `payment ${id}, dispatch ${String(dispatch)}: ${before}, then ${outcome}`,
      );
    }
    this.told.set(key, outcome);
    if (dispatch === payment.dispatch && payment.status === 'PENDING') {
      this.move(payment, outcome === 'SUCCESS' ? 'settle' : 'reject');
    } else if (outcome === 'SUCCESS' && payment.status !== 'SUCCESS') {
      throw new ViolationError(
        'I3',
        `payment ${id} is ${payment.status}, and dispatch ${String(dispatch)} paid it`,
      );
    }
  }

  get isDone(): boolean {
    return this.payments.every((one) => paymentMachine.isFinal(one.status) || one.status === 'FAILED');
  }

  private publish(payments: readonly SimulatedPayment[]): void {
    const groups = new Map<string, SimulatedPayment[]>();
    for (const one of payments) {
      const key = one.disbursementId ?? one.id;
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    for (const group of groups.values()) {
      for (let from = 0; from < group.length; from += EVENT_PAYMENTS_MAX) {
        this.bus.push(toEvent(group.slice(from, from + EVENT_PAYMENTS_MAX)));
      }
    }
  }
}

function toEvent(payments: readonly SimulatedPayment[]): ReadyData {
  return {
    disbursement_id: payments[0]?.disbursementId ?? null,
    asset: { id: ASSET_ID, code: XLM.code, issuer: XLM.issuer },
    payments: payments.map((one) => ({
      id: one.id,
      dispatch: one.dispatch,
      receiver_wallet_id: one.receiverWalletId,
      amount: formatAmount(one.amount),
      destination: one.destination,
      memo: null,
    })),
  };
}
