import { type LedgerAccount, type LedgerHeader, LedgerUnreachableError } from '@libs/ledger';
import type { Holds, HoldTrialRepository, LaidHold, LaidHoldKey } from '@libs/submissions';

import { OURS_TO_FIX } from './brakes/own-cause';
import { canBeLookedUp, type CauseState, type OwnCauseLookUp } from './brakes/own-cause-look-up';
import { asTenant, type EngineContext } from './engine-context';

/** A held tenant is tried again after this: whoever mended the account need not tell us. */
const FIRST_SECONDS = 60;
/** Where the ledger cannot show whether the cause is gone, and only another envelope tells. */
const FIRST_UNSEEN_SECONDS = 600;
const SECONDS_MAX = 3_600;
/** How many holds one review reads, and for how many of them it asks the ledger; the next one goes on behind them. */
const READ_MAX = 1_000;
const LOOKED_AT_MAX = 100;

/** For how long a hold with this code lies, that was lifted in vain so many times before; in seconds. */
export const trialAfterSeconds = (code: string, trials: number): number =>
  Math.min(SECONDS_MAX, (canBeLookedUp(code) ? FIRST_SECONDS : FIRST_UNSEEN_SECONDS) * 2 ** trials);

const codeOf = ({ reason }: LaidHold): string => reason.slice(OURS_TO_FIX.length);

/**
 * Lifts the holds that we laid on tenants ourselves, once the ledger shows that their cause is gone, or after a while where it
 * cannot show that. A trial that fails costs a fee, so each waits twice as long as the one before it.
 */
export class HoldReview {
  /** The next review goes on behind this one, so that each has its turn however many are held; null for the first one. */
  private after: LaidHoldKey | null = null;

  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'logger'>,
    private readonly parts: {
      readonly holds: Holds;
      readonly trials: HoldTrialRepository;
      readonly causes: OwnCauseLookUp;
      readonly newest: () => LedgerHeader | null;
    },
  ) {}

  async run(): Promise<void> {
    const newest = this.parts.newest();
    if (newest === null) return;
    const seen = new Map<string, LedgerAccount | null>();
    for (const one of await this.inTurn()) {
      const state = await this.stateOf(one, { newest, seen });
      if (state !== 'there') await this.lift(one, state);
    }
  }

  private async inTurn(): Promise<readonly LaidHold[]> {
    const { after } = this;
    const laid = await this.context.uow.runSystem('holds that were laid because of the ledger', (tx) =>
      this.parts.trials.laid(tx, OURS_TO_FIX, { after, limit: READ_MAX }),
    );
    const due = laid
      .filter((one) => one.heldSeconds >= trialAfterSeconds(codeOf(one), one.trials))
      .slice(0, LOOKED_AT_MAX);
    const isEnd = laid.length < READ_MAX && due.length < LOOKED_AT_MAX;
    const last = due.length < LOOKED_AT_MAX ? laid.at(-1) : due.at(-1);
    this.after = isEnd || last === undefined ? null : { tenantId: last.tenantId, reason: last.reason };
    return due;
  }

  /** A ledger that cannot be read now may be read next time. */
  private async stateOf(one: LaidHold, at: Parameters<OwnCauseLookUp['stateOf']>[2]): Promise<CauseState> {
    try {
      return await this.parts.causes.stateOf(one.tenantId, codeOf(one), at);
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      return 'there';
    }
  }

  private async lift({ tenantId, reason, trials }: LaidHold, state: CauseState): Promise<void> {
    const lifted = await this.context.uow.run(asTenant(tenantId), async (tx) => {
      const isReleased = await this.parts.holds.release(tx, { type: 'tenant', id: tenantId }, reason);
      if (isReleased) await this.parts.trials.count(tx, reason, trials);
      return isReleased;
    });
    if (lifted) this.context.logger.info({ tenantId, reason, trials, state }, 'a held tenant is tried again');
  }
}
