import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import {
  DisbursementMoves,
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
import { Injectable } from '@nestjs/common';

const CHUNK = 250;

export interface ChunkDone {
  readonly more: boolean;
  /** Whose payments may be dispatched, once this chunk is committed. */
  readonly receiverWalletIds: readonly string[];
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
  ) {}

  async take(tx: TenantTx): Promise<ChunkDone> {
    const peeked = await this.workItems.peek(tx);
    if (peeked === null) return { more: false, receiverWalletIds: [] };
    const disbursement = await this.disbursements.lock(tx, peeked.disbursementId);
    // Under the lock nobody gives the disbursement another goal, so what is read now holds until the commit.
    const item = await this.workItems.find(tx, peeked.disbursementId);
    if (item === null) return { more: true, receiverWalletIds: [] };
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
    if (found.length === 0) return await this.finish(tx, item);
    await this.moves.move(tx, 'pause', idsOf(found));
    return { more: true, receiverWalletIds: [] };
  }

  /** Start and resume alike: a pause may have come before every DRAFT was released. */
  private async release(tx: TenantTx, item: WorkItem, trace: string): Promise<ChunkDone> {
    const found = await this.payments.ofDisbursement(tx, item.disbursementId, ['DRAFT', 'PAUSED'], CHUNK);
    if (found.length === 0) {
      await this.disbursements.completeWhatIsDone(tx, [item.disbursementId]);
      return await this.finish(tx, item);
    }
    const drafts = found.filter((payment) => payment.status === 'DRAFT');
    await this.moves.move(tx, 'release', idsOf(drafts));
    await this.moves.move(tx, 'resume', idsOf(found.filter((payment) => payment.status === 'PAUSED')));
    await this.invite(tx, { id: item.disbursementId, trace }, drafts);
    return { more: true, receiverWalletIds: found.map((payment) => payment.receiverWalletId) };
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
    return { more: true, receiverWalletIds: [] };
  }
}

const idsOf = (payments: readonly PaymentToWorkOn[]): string[] => payments.map((payment) => payment.id);
