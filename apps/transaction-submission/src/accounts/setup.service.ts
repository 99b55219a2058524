import { setTimeout as pause } from 'node:timers/promises';

import type { AccountKey, LookupAnswer, SetupOperation } from '@libs/ledger';
import { LedgerUnreachableError } from '@libs/ledger';

import type { EngineContext } from '../engine-context';
import { firstBid } from '../signing/fee.policy';

export interface Setup {
  readonly source: AccountKey;
  readonly feePayer: AccountKey;
  readonly operations: readonly SetupOperation[];
  /** Is told the sequence number of the source before anything is sent that may use it. */
  readonly beforeUse?: (sequence: bigint) => Promise<void>;
}

/** `refused` is a node's last word before the time passed; `failed` is the result in a closed ledger. */
export type SetupOutcome =
  | { readonly kind: 'done'; readonly sourceSequence: bigint }
  | { readonly kind: 'failed' | 'refused'; readonly codes: readonly string[] }
  | { readonly kind: 'expired' };

const LOOK_EVERY_MS = 250;
const SEND_EVERY_LOOKS = 8;
/**
 * Of ledger time after the newest ledger. What a node drops or refuses it refuses for ten ledgers under the same hash, so a new
 * envelope is the faster way; and nothing of it can be done twice.
 */
const LIFETIME_SECONDS_MAX = 30;
/** Of our time, should no ledger close any more: its lifetime, and the ledgers after it. */
const PATIENCE_MS = 90_000;

/**
 * Sets up accounts on the ledger and waits for evidence, a minute and a half at most. Nothing of it is stored before but what
 * the caller stores of the sequence number: creating an account and trusting an asset cannot be done twice, so whoever starts
 * again asks the ledger what is there.
 */
export class SetupService {
  constructor(private readonly context: EngineContext) {}

  async run(setup: Setup): Promise<SetupOutcome> {
    const { reader, submitter, settings } = this.context;
    const [latest, account, stats] = await Promise.all([
      reader.latestLedger(),
      reader.account(setup.source.account),
      reader.feeStats().catch(() => null),
    ]);
    if (account === null)
      throw new LedgerUnreachableError('the account that should pay does not exist on the ledger');
    const sequence = account.sequence + 1n;
    const lifetime = Math.min(settings.lifetimeSeconds, LIFETIME_SECONDS_MAX);
    const maxTime = new Date(latest.closedAt.getTime() + lifetime * 1_000);
    const feeRate = firstBid(stats, settings.maxBaseFee);
    const prepared = await submitter.prepareSetup({ ...setup, sequence, maxTime, feeRate });
    await setup.beforeUse?.(sequence);
    const query = {
      reference: prepared.reference,
      channel: setup.source.account,
      sequence,
      maxTime,
      lastSeen: latest,
    };
    const until = performance.now() + PATIENCE_MS;
    let refusal: readonly string[] | null = null;
    for (let looks = 0; performance.now() < until; looks += 1) {
      if (looks % SEND_EVERY_LOOKS === 0) {
        const answer = await submitter.submit(prepared.payload);
        if (answer.kind === 'refused' && answer.advice !== 'resend') {
          refusal = answer.operationCodes.length > 0 ? answer.operationCodes : [answer.code];
          // Nothing is at stake that could be paid twice: what a node will not take needs no waiting for its time to pass.
          if (answer.advice !== 'bump') return { kind: 'refused', codes: refusal };
        }
      }
      await pause(LOOK_EVERY_MS);
      const outcome = read(await submitter.lookup(query), sequence);
      if (outcome?.kind === 'expired') break;
      if (outcome !== null) return outcome;
    }
    this.context.logger.warn(
      { source: setup.source.account, operations: setup.operations.map(({ kind }) => kind), refusal },
      'no ledger has set up these accounts in time: it has to be tried again',
    );
    return refusal === null ? { kind: 'expired' } : { kind: 'refused', codes: refusal };
  }
}

function read(answer: LookupAnswer, sequence: bigint): SetupOutcome | null {
  switch (answer.kind) {
    case 'applied':
      return { kind: 'done', sourceSequence: sequence };
    case 'failed':
      return {
        kind: 'failed',
        codes: answer.operations.length > 0 ? answer.operations.map((one) => one.code) : [answer.code],
      };
    case 'expired':
    case 'superseded':
      return { kind: 'expired' };
    case 'notYet':
      return null;
  }
}
