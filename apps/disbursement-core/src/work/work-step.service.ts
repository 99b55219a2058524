import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import {
  DisbursementMoves,
  LISTED_WHEN_REGISTERED,
  type LockedDisbursement,
  type MovedChunk,
  PaymentMoves,
  PaymentsToWorkOn,
  type WorkItem,
  WorkItems,
} from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import { invariant } from '@libs/kernel';
import { childTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import { ReceiverWalletMoves } from '@libs/receivers';
import { Holds } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

/**
 * Some 60 ms of work, which is how long others may wait for its locks; with fewer the way there and back for each chunk is a fifth of
 * the time. Events are cut smaller by the outbox.
 */
const CHUNK = 2_500;
/** What is taken back from submission is locked there as well. */
const TAKEN_BACK_AT_ONCE = 250;
const PAUSED = 'disbursement paused';

/** Up to where a move of the payments of a disbursement has come, for the goal of this version. */
export interface Reached extends Pick<WorkItem, 'disbursementId' | 'goal' | 'version'> {
  readonly move: ChunkMove | 'invite';
  /** The last payment that moved; empty while people are invited, whose place is kept with the work. */
  readonly last: string;
  /** Of the disbursement; empty for none. */
  readonly trace: string;
}

export interface ChunkDone {
  readonly more: boolean;
  /** Some payments may be dispatched, once this chunk is committed. */
  readonly released: boolean;
  /** For the next chunk; null when it begins at the first payment. */
  readonly reached: Reached | null;
}

type ChunkMove = 'release' | 'pause' | 'resume';

const RELEASED_FIRST = ['release', 'resume'] as const;
const RESUMED_FIRST = ['resume', 'release'] as const;
const NO_MORE: ChunkDone = { more: false, released: false, reached: null };
const MORE: ChunkDone = { more: true, released: false, reached: null };

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

  /** `reached`: what the chunk before returned, which spares a look at all that it left behind. Nothing depends on it. */
  async take(tx: TenantTx, reached: Reached | null): Promise<ChunkDone> {
    const peeked = await this.workItems.peek(tx);
    if (peeked === null) return NO_MORE;
    const disbursement = await this.disbursements.lock(tx, peeked.disbursementId);
    // Under the lock nobody gives the disbursement another goal, so what is read now holds until the commit.
    const item = await this.workItems.find(tx, peeked.disbursementId);
    if (item === null) return MORE;
    const wanted = item.goal === 'pause' ? 'PAUSED' : 'STARTED';
    if (disbursement?.status !== wanted || disbursement.goalVersion !== item.version) {
      return await this.finish(tx, item);
    }
    return item.goal === 'pause'
      ? await this.pause(tx, item, reached)
      : await this.release(tx, item, { ...disbursement, reached });
  }

  private async pause(tx: TenantTx, item: WorkItem, reached: Reached | null): Promise<ChunkDone> {
    const moved = await this.moveNext(tx, 'pause', item, reached);
    if (moved.last === null) return await this.takeBack(tx, item);
    return {
      more: true,
      released: false,
      reached: { ...goalOf(item), move: 'pause', last: moved.last, trace: '' },
    };
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
    return MORE;
  }

  /** Start and resume alike: a pause may have come before every DRAFT was released. */
  private async release(
    tx: TenantTx,
    item: WorkItem,
    {
      reached,
      trace,
      uploadId,
    }: Pick<LockedDisbursement, 'trace' | 'uploadId'> & { readonly reached: Reached | null },
  ): Promise<ChunkDone> {
    // Who has come to resuming looks for what is to be released only once nothing is left of that.
    const at = reached?.disbursementId === item.disbursementId ? reached.move : null;
    // Before the first release, so that nobody is invited or waits for the clock whose address the file brought.
    if ((at === null || at === 'pause') && (await this.registerArrived(tx, uploadId))) return MORE;
    // Nor does who has come to inviting look through all that moved before each chunk.
    const moves = at === 'invite' ? [] : at === 'resume' ? RESUMED_FIRST : RELEASED_FIRST;
    for (const move of moves) {
      const moved = await this.moveNext(tx, move, item, reached);
      if (moved.last !== null)
        return { more: true, released: true, reached: { ...goalOf(item), move, last: moved.last, trace } };
    }
    if ((await this.inviteNext(tx, { ...goalOf(item), trace })) > 0)
      return { more: true, released: false, reached: { ...goalOf(item), move: 'invite', last: '', trace } };
    if (at === 'invite') return MORE;
    await this.disbursements.completeWhatIsDone(tx, [item.disbursementId]);
    return await this.finish(tx, item);
  }

  private async registerArrived(tx: TenantTx, uploadId: string | null): Promise<boolean> {
    return uploadId !== null && (await this.receiverWallets.registerArrived(tx, uploadId));
  }

  /** The next chunk behind what was reached; from the first payment on where nothing is left there. */
  private async moveNext(
    tx: TenantTx,
    move: ChunkMove,
    { disbursementId, version }: WorkItem,
    reached: Reached | null,
  ): Promise<MovedChunk> {
    const isOurs =
      reached?.disbursementId === disbursementId && reached.version === version && reached.move === move;
    const after = isOurs ? reached.last : null;
    const set = move === 'pause' ? undefined : LISTED_WHEN_REGISTERED;
    const moved = await this.moves.moveNext(tx, move, { disbursementId, after, limit: CHUNK }, set);
    if (moved.last !== null || after === null) return moved;
    return await this.moves.moveNext(tx, move, { disbursementId, after: null, limit: CHUNK }, set);
  }

  /**
   * Invites a chunk of those whose payments `take` has released, while it releases the next ones: they are other rows, and PostgreSQL
   * has other processors. Returns whether there may be more. Whom it does not come to, `take` invites when nothing is left to release.
   *
   * Only after a start: that one releases in the order of the ids, so nobody comes to be behind the place that is kept.
   */
  async inviteBehind(tx: TenantTx, reached: Reached): Promise<boolean> {
    invariant(isReleasing(reached), 'people are invited beside the release of a start alone');
    return (await this.inviteNext(tx, reached)) === CHUNK;
  }

  /**
   * Invites who waits behind the place that is kept with the work. After a pause everybody: an invitation that met it rests until it
   * is told. Returns how many payments it looked at.
   */
  private async inviteNext(
    tx: TenantTx,
    { disbursementId, version, trace }: Pick<Reached, 'disbursementId' | 'version' | 'trace'>,
  ): Promise<number> {
    const item = await this.workItems.lock(tx, disbursementId);
    if (item?.version !== version) return 0;
    const ready = await this.payments.ready(tx, disbursementId, item.cursor, CHUNK);
    const last = ready.at(-1);
    if (last === undefined) return 0;
    const invited = await this.receiverWallets.invite(
      tx,
      ready.map(({ receiverWalletId }) => receiverWalletId),
    );
    await this.outbox.publishChunked(tx, receiverWalletNewInvitationV1, {
      type: 'batch-receiver-wallet-sms-invitation',
      key: disbursementId,
      trace: trace === '' ? tx.trace : childTrace(trace),
      items: invited,
      toData: (ids) => ({ disbursement_id: disbursementId, receiver_wallet_ids: ids }),
    });
    await this.workItems.advance(tx, item, last.id);
    return ready.length;
  }

  private async finish(tx: TenantTx, item: WorkItem): Promise<ChunkDone> {
    await this.workItems.finish(tx, item);
    return MORE;
  }
}

/** Whether the people of what was released can be invited beside what is released next. */
export const isReleasing = ({ goal, move }: Reached): boolean => goal === 'release' && move === 'release';

const goalOf = ({
  disbursementId,
  goal,
  version,
}: WorkItem): Pick<Reached, 'disbursementId' | 'goal' | 'version'> => ({ disbursementId, goal, version });
