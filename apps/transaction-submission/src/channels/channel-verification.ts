import { randomBytes } from 'node:crypto';

import type { LedgerAccount } from '@libs/ledger';
import type { ChannelPopulationRepository, ChannelView } from '@libs/submissions';

import { inParallel } from '../bounded';
import type { EngineContext } from '../engine-context';
import type { LedgerKeys } from '../keys/ledger-keys.port';
import { hasFullPower } from '../keys/signing-power';

export interface ChannelFinding {
  readonly address: string;
  readonly problem: string;
  /** The ledger has no such account, and nothing depends on it. */
  readonly isMissing: boolean;
}

const AT_ONCE_MAX = 16;
const DIGEST_BYTES = 32;

/** Compares our channel accounts with the ledger and with the keys. Changes nothing by itself. */
export class ChannelVerification {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: { readonly rows: ChannelPopulationRepository; readonly keys: LedgerKeys },
  ) {}

  async run(): Promise<readonly ChannelFinding[]> {
    const { uow, reader } = this.context;
    const all = await uow.runSystem('verify channel accounts', (tx) =>
      this.parts.rows.view(tx, { retired: false }),
    );
    const { sequence: notBefore } = await reader.latestLedger();
    const findings = await inParallel(all, AT_ONCE_MAX, async (one) => {
      const account = await reader.account(one.address, { notBefore });
      const problem = problemOf(one, account) ?? (await this.keyProblem(one.address));
      if (problem === null) return [];
      return [{ address: one.address, problem, isMissing: account === null && one.liveAttempt === null }];
    });
    return findings.flat();
  }

  /** Takes those out of the list that the ledger does not have. Returns how many. */
  async retireMissing(findings: readonly ChannelFinding[], actor: string): Promise<number> {
    const missing = findings.filter(({ isMissing }) => isMissing).map(({ address }) => address);
    if (missing.length === 0) return 0;
    return await this.context.uow.runSystem('channel accounts that the ledger does not have', async (tx) => {
      await this.parts.rows.drainNamed(tx, missing, actor);
      return await this.parts.rows.retire(tx, missing, actor);
    });
  }

  private async keyProblem(key: string): Promise<string | null> {
    try {
      await this.parts.keys.sign([{ key, digest: randomBytes(DIGEST_BYTES) }]);
      return null;
    } catch (error) {
      return `its key cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

function problemOf(one: ChannelView, account: LedgerAccount | null): string | null {
  if (account === null) {
    return one.onLedger
      ? 'the ledger does not have this account'
      : 'planned, and not on the ledger yet: npm run channel-accounts -- ensure <n> creates it';
  }
  if (!hasFullPower(account, one.address)) return 'its own key does not have full power over it';
  if (account.signers.length > 1) return 'other keys than its own may sign for it';
  if (account.subentries > 0) return 'it has trustlines, offers or data, and cannot be merged';
  const isIdle = one.liveAttempt === null && one.status === 'FREE';
  const isOurs = one.setupSequence !== null && account.sequence <= one.setupSequence;
  if (isIdle && !isOurs && one.sequence !== null && account.sequence > one.sequence)
    return 'the ledger has used sequence numbers that we know nothing of: something else signs with its key';
  if (one.sequence !== null && account.sequence < one.sequence)
    return 'the ledger has used fewer sequence numbers than we know of: is it another network, or was it reset?';
  return null;
}
