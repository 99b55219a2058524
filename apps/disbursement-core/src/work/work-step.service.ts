import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import {
  DisbursementMoves,
  LISTED_WHEN_REGISTERED,
  PaymentMoves,
  PaymentsToWorkOn,
  type PaymentToWorkOn,
  type WorkItem,
  WorkItems,
} from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import { childTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import { ReceiverWalletMoves } from '@libs/receivers';
import { Holds } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

/** Some 50 ms of work, which is how long others may wait for its locks. Events are cut smaller by the outbox. */
const CHUNK = 500;
/** What is taken back from submission is locked there as well. */
const TAKEN_BACK_AT_ONCE = 250;
const PAUSED = 'disbursement paused';

export interface ChunkDone {
  readonly more: boolean;
  /** Some payments may be dispatched, once this chunk is committed. */
  readonly released: boolean;
}

/** One chunk of work on one disbursement. */
@Injectable()
export class WorkStep {
  constructor(
    private readonly workItems: WorkItems,
    private readonly disbursements: DisbursementMoves,
    private readonly payments: PaymentsToWorkOn,
    private readonly moves: PaymentMoves,
    private readonly receiverWallets: ReceiverWalletMoves,
    private readonly outbox: Outbox,
    private readonly holds: Holds,
  ) {}

  async take(tx: TenantTx): Promise<ChunkDone> {
    const peeked = await this.workItems.peek(tx);
    if (peeked === null) return { more: false, released: false };
    const disbursement = await this.disbursements.lock(tx, peeked.disbursementId);
    // Under the lock nobody gives the disbursement another goal, so what is read now holds until the commit.
    const item = await this.workItems.find(tx, peeked.disbursementId);
    if (item === null) return { more: true, released: false };
    const wanted = item.goal === 'pause' ? 'PAUSED' : 'STARTED';
    if (disbursement?.status !== wanted || disbursement.goalVersion !== item.version) {
      return await this.finish(tx, item);
    }
    return item.goal === 'pause'
      ? await this.pause(tx, item)
      : await this.release(tx, item, disbursement.trace);
  }

  private async pause(tx: TenantTx, item: WorkItem): Promise<ChunkDone> {
    const found = await this.payments.ofDisbursement(tx, item.disbursementId, ['READY'], CHUNK);
    if (found.length === 0) return await this.takeBack(tx, item);
    await this.moves.move(tx, 'pause', idsOf(found));
    return { more: true, released: false };
  }

  /**
   * What was handed over and is not on its way comes back, so that it does not take the place of what another disbursement could
   * have paid. What is on its way stays: its outcome will come.
   */
  private async takeBack(tx: TenantTx, item: WorkItem): Promise<ChunkDone> {
    const found = await this.payments.handedOver(tx, item.disbursementId, item.cursor, TAKEN_BACK_AT_ONCE);
    const last = found.at(-1);
    if (last === undefined) return await this.finish(tx, item);
    const results = await this.holds.withdraw(
      tx,
      found.map(({ id, dispatch }) => ({ paymentId: id, dispatch })),
    );
    const back = results.flatMap(({ paymentId, result }) => (result === 'withdrawn' ? [paymentId] : []));
    await this.moves.move(tx, 'recall', back, PAUSED);
    await this.moves.move(tx, 'pause', back, PAUSED);
    await this.workItems.advance(tx, item, last.id);
    return { more: true, released: false };
  }

  /** Start and resume alike: a pause may have come before every DRAFT was released. */
  private async release(tx: TenantTx, item: WorkItem, trace: string): Promise<ChunkDone> {
    const found = await this.payments.ofDisbursement(tx, item.disbursementId, ['DRAFT', 'PAUSED'], CHUNK);
    if (found.length === 0) {
      await this.disbursements.completeWhatIsDone(tx, [item.disbursementId]);
      return await this.finish(tx, item);
    }
    const drafts = found.filter((payment) => payment.status === 'DRAFT');
    const paused = found.filter((payment) => payment.status === 'PAUSED');
    const listed = { set: LISTED_WHEN_REGISTERED, values: [] };
    await this.moves.move(tx, 'release', idsOf(drafts), '', listed);
    await this.moves.move(tx, 'resume', idsOf(paused), '', listed);
    await this.invite(tx, { id: item.disbursementId, trace }, drafts);
    return { more: true, released: true };
  }

  private async invite(
    tx: TenantTx,
    disbursement: { readonly id: string; readonly trace: string },
    payments: readonly PaymentToWorkOn[],
  ): Promise<void> {
    const invited = await this.receiverWallets.invite(
      tx,
      payments.map((payment) => payment.receiverWalletId),
    );
    await this.outbox.publishChunked(tx, receiverWalletNewInvitationV1, {
      type: 'batch-receiver-wallet-sms-invitation',
      key: disbursement.id,
      trace: disbursement.trace === '' ? tx.trace : childTrace(disbursement.trace),
      items: invited,
      toData: (ids) => ({ disbursement_id: disbursement.id, receiver_wallet_ids: ids }),
    });
  }

  private async finish(tx: TenantTx, item: WorkItem): Promise<ChunkDone> {
    await this.workItems.finish(tx, item);
    return { more: true, released: false };
  }
}

const idsOf = (payments: readonly PaymentToWorkOn[]): string[] => payments.map((payment) => payment.id);
