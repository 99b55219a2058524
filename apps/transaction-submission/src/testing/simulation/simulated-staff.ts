import type { UnitOfWork } from '@libs/persistence';
import { Holds, type HoldSubject, type StillPayable } from '@libs/submissions';

import { asTenant } from '../../engine-context';
import type { SeededRandom } from './seeded-random';
import { type SimulatedCore, type SimulatedPayment, ViolationError } from './simulated-core';
import type { SimulatedNetwork } from './simulated-network';

interface HoldInForce {
  readonly subject: HoldSubject;
  readonly reason: string;
  /** What the call listed as sent before: it may still be paid. */
  readonly listed: ReadonlySet<string>;
  /** The last one that was closed when the call returned. */
  readonly ledger: number;
  /** All attempts that carried a held payment when the call returned, and how often each had been sent, by its reference. */
  readonly attempts: ReadonlySet<string>;
  readonly sends: ReadonlyMap<string, number>;
}

const ENOUGH = 100_000_000n;

/** People who press buttons: hold, release, recall, cancel, retry; and who notice when a button does not hold its promise. */
export class SimulatedStaff {
  private readonly holds = new Holds();
  private inForce: HoldInForce[] = [];
  private pressed = 0;
  /** How often the envelopes of each attempt have left, by its reference. */
  private readonly left = new Map<string, number>();

  constructor(
    private readonly parts: {
      readonly uow: UnitOfWork;
      readonly tenantId: string;
      readonly core: SimulatedCore;
      readonly network: SimulatedNetwork;
      readonly random: SeededRandom;
    },
  ) {}

  get isHolding(): boolean {
    return this.inForce.length > 0;
  }

  /** Presses one button at random. */
  async press(): Promise<void> {
    const { core, random } = this.parts;
    const payment = random.pick(core.payments);
    switch (random.below(6)) {
      case 0:
      case 1:
        await this.hold(this.subjectOf(payment));
        return;
      case 2:
        await this.release();
        return;
      case 3:
        await this.recall(payment);
        return;
      case 4:
        payment.cancelRequested = payment.status !== 'SUCCESS' && payment.status !== 'FAILED';
        return;
      default:
        this.retry(payment);
    }
  }

  /** Cancels what was asked for, as far as it is possible now. */
  async cancelRequested(): Promise<void> {
    const { core } = this.parts;
    for (const payment of core.payments.filter((one) => one.cancelRequested)) {
      if (payment.status === 'PENDING' && !(await this.recall(payment))) continue;
      if (payment.status === 'READY') core.move(payment, 'cancel');
      payment.cancelRequested = false;
    }
  }

  async releaseAll(): Promise<void> {
    while (this.inForce.length > 0) await this.release();
  }

  /** Called for each envelope whose first byte leaves, with the destinations that it pays if a ledger can still take it. */
  sees(reference: string, destinations: ReadonlySet<string>, canPay: boolean): void {
    const count = (this.left.get(reference) ?? 0) + 1;
    this.left.set(reference, count);
    for (const { listed, sends, subject } of this.inForce) {
      const isHeld = this.parts.core.payments.some(
        (one) => destinations.has(one.destination) && isOf(subject, one),
      );
      // What was committed as sent before the hold may still be on its way out of the process.
      if (isHeld && count > (sends.get(reference) ?? 0)) {
        throw new ViolationError('I9', `attempt ${reference.slice(0, 8)} was sent again under a hold`);
      }
      // A process that stood still may send what has its outcome already: nobody is paid by it.
      if (!canPay) continue;
      for (const payment of this.parts.core.payments) {
        if (!destinations.has(payment.destination) || !isOf(subject, payment) || listed.has(payment.id))
          continue;
        throw new ViolationError('I9', `payment ${payment.id} was sent under a hold that did not list it`);
      }
    }
  }

  /** Called after each ledger: what it paid under a hold was listed by it. */
  seesLedger(): void {
    const { core, network } = this.parts;
    for (const { listed, ledger, subject } of this.inForce) {
      const since = new Set(network.paid.filter((one) => one.ledger > ledger).map((one) => one.destination));
      for (const payment of core.payments) {
        if (!since.has(payment.destination) || !isOf(subject, payment) || listed.has(payment.id)) continue;
        throw new ViolationError('I9', `payment ${payment.id} was paid under a hold that did not list it`);
      }
    }
  }

  private retry(payment: SimulatedPayment): void {
    const { core, network, random } = this.parts;
    if (payment.status !== 'FAILED') return;
    if (random.chance(0.7)) network.fund(payment.destination, ENOUGH);
    core.move(payment, 'retry');
  }

  /** Takes a dispatch back. True when the payment is READY again. */
  private async recall(payment: SimulatedPayment): Promise<boolean> {
    if (payment.status !== 'PENDING') return false;
    const { core } = this.parts;
    const { id: paymentId, dispatch } = payment;
    return await this.run(async (tx) => {
      const [result] = await this.holds.withdraw(tx, [{ paymentId, dispatch }]);
      if (result?.result === 'withdrawn' && payment.status === 'PENDING') {
        return (): boolean => {
          core.move(payment, 'recall');
          return true;
        };
      }
      return () => false;
    });
  }

  private async hold(subject: HoldSubject): Promise<void> {
    this.pressed += 1;
    const reason = `press ${String(this.pressed)}`;
    await this.run(async (tx) => {
      const listed: readonly StillPayable[] = await this.holds.hold(tx, subject, reason);
      const [attempts, sends] = [await this.attemptsOf(tx, subject), await this.sendsOf(tx)];
      return () => {
        this.inForce.push({
          subject,
          reason,
          attempts,
          sends,
          listed: new Set(listed.map((one) => one.paymentId)),
          ledger: this.parts.network.sequence,
        });
      };
    });
  }

  private async release(): Promise<void> {
    const [first] = this.inForce;
    if (first === undefined) return;
    await this.run(async (tx) => {
      // Somebody else has released it since: what was signed after that was signed rightly.
      if (!this.inForce.includes(first)) return () => undefined;
      const attempts = await this.attemptsOf(tx, first.subject);
      const signed = [...attempts].filter((one) => !first.attempts.has(one));
      if (signed.length > 0) {
        throw new ViolationError(
          'I9',
          `attempt ${signed.join(', ')} was signed under the hold "${first.reason}"`,
        );
      }
      await this.holds.release(tx, first.subject, first.reason);
      return () => {
        this.inForce = this.inForce.filter((one) => one !== first);
      };
    });
  }

  /** Attempts, of any state, that carry a payment of the subject. */
  private async attemptsOf(
    tx: Parameters<Holds['hold']>[0],
    subject: HoldSubject,
  ): Promise<ReadonlySet<string>> {
    const ids = this.parts.core.payments.filter((one) => isOf(subject, one)).map((one) => one.id);
    const rows = await tx.query<{ attempt_id: string }>(
      `SELECT l.attempt_id FROM submissions.attempt_submissions l
         JOIN submissions.submissions s ON s.tenant_id = $1 AND s.id = l.submission_id
        WHERE l.tenant_id = $1 AND s.payment_id = ANY($2)`,
      [tx.tenantId, ids],
    );
    return new Set(rows.map((row) => row.attempt_id));
  }

  private async sendsOf(tx: Parameters<Holds['hold']>[0]): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.query<{ reference: string; sends: number }>(
      'SELECT reference, sends FROM submissions.attempts WHERE tenant_id = $1',
      [tx.tenantId],
    );
    return new Map(rows.map(({ reference, sends }) => [reference, sends]));
  }

  private subjectOf(payment: SimulatedPayment): HoldSubject {
    const { random, tenantId } = this.parts;
    switch (random.below(4)) {
      case 0:
        return { type: 'tenant', id: tenantId };
      case 1:
        return payment.disbursementId === null
          ? { type: 'payment', id: payment.id }
          : { type: 'disbursement', id: payment.disbursementId };
      case 2:
        return { type: 'receiver_wallet', id: payment.receiverWalletId };
      default:
        return { type: 'payment', id: payment.id };
    }
  }

  /** What follows in memory happens when the database transaction is committed, and only then. */
  private async run<T>(work: (tx: Parameters<Holds['hold']>[0]) => Promise<() => T>): Promise<T> {
    const { tenantId, uow } = this.parts;
    const then = await uow.run(asTenant(tenantId), work);
    return then();
  }
}

function isOf(subject: HoldSubject, payment: SimulatedPayment): boolean {
  switch (subject.type) {
    case 'tenant':
      return true;
    case 'payment':
      return payment.id === subject.id;
    case 'disbursement':
      return payment.disbursementId === subject.id;
    case 'receiver_wallet':
      return payment.receiverWalletId === subject.id;
  }
}
