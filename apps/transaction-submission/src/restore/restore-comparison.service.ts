import type { LedgerHeader } from '@libs/ledger';
import type { SystemTx } from '@libs/persistence';
import type {
  ChannelAccountRepository,
  DatabaseIdentityRepository,
  Finding,
  FindingKind,
  ReconciliationRepository,
  RestoredPayments,
} from '@libs/submissions';

import { inParallel } from '../bounded';
import type { EngineContext } from '../engine-context';
import type { OutflowComparison } from '../reconciler/outflow-comparison.service';

export const RESTORED_KINDS = [
  'restored-sequence',
  'restored-payment',
] as const satisfies readonly FindingKind[];

export interface RestoreCompared {
  readonly findings: readonly Finding[];
  /** Everything up to the ledger was compared. */
  readonly isComplete: boolean;
  /** Some of it was, and the rest can be read now. */
  readonly hasProgressed: boolean;
}

const READS_AT_ONCE = 16;
const PAGES_MAX = 20;
/** What our tables still show as open is waited for, however long it takes. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** Compares a database that may have forgotten something with the ledger, which forgets nothing. */
export class RestoreComparison {
  /** How far each paying account was compared. */
  private readonly compared = new Map<string, number>();
  /** The sequence numbers of channel accounts that the ledger shows, as last read. */
  private used: ReadonlyMap<string, bigint> = new Map();

  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'reader'>,
    private readonly parts: {
      readonly identity: DatabaseIdentityRepository;
      readonly channels: ChannelAccountRepository;
      readonly books: ReconciliationRepository;
      readonly restored: RestoredPayments;
      readonly outflows: OutflowComparison;
      /** The host account, which tenants may share. */
      readonly host: string;
    },
  ) {}

  beginAnew(): void {
    this.compared.clear();
  }

  /** Throws `LedgerUnreachableError` when no node has ingested that ledger. */
  async upTo(latest: LedgerHeader): Promise<RestoreCompared> {
    const sequences = await this.sequences(latest);
    const payments = await this.payments(latest);
    return { ...payments, findings: [...sequences, ...payments.findings] };
  }

  /**
   * From here on our tables know what was compared: the reconciler need not tell of it once more, and the sequence numbers
   * that a person has explained surprise nobody.
   */
  async keep(tx: SystemTx): Promise<void> {
    await this.parts.channels.markOnLedger(tx, this.used);
    for (const [account, ledger] of this.compared) await this.parts.books.saveCompared(tx, account, ledger);
  }

  /** Channel accounts of which the ledger has used more sequence numbers than we know. */
  private async sequences(latest: LedgerHeader): Promise<readonly Finding[]> {
    const { uow, reader } = this.context;
    const known = await uow.runSystem('sequence numbers that we know of', (tx) =>
      this.parts.identity.knownSequences(tx),
    );
    const used = new Map<string, bigint>();
    const checked = await inParallel(known, READS_AT_ONCE, async ({ address, sequence }) => {
      const account = await reader.account(address, { notBefore: latest.sequence });
      if (account !== null) used.set(address, account.sequence);
      if (account === null || account.sequence <= (sequence ?? 0n)) return [];
      const finding: Finding = {
        kind: 'restored-sequence',
        // Together, so that one more use of the same account is found once more.
        subject: `${address}@${String(account.sequence)}`,
        tenantId: null,
        details: {
          account: address,
          sequence_on_ledger: String(account.sequence),
          sequence_known: String(sequence ?? 0n),
        },
      };
      return [finding];
    });
    this.used = used;
    return checked.flat();
  }

  private async payments(latest: LedgerHeader): Promise<RestoreCompared> {
    const { books, outflows, host } = this.parts;
    const accounts = await this.context.uow.runSystem('paying accounts', async (tx) => {
      // Where nothing was ever compared, everything is.
      return await books.comparedUntil(tx, await books.payingAccounts(tx, host), 0);
    });
    const found: Finding[] = [];
    let isComplete = true;
    let hasProgressed = false;
    for (const [account, until] of accounts) {
      const after = Math.max(until, this.compared.get(account) ?? 0);
      const stretch = { account, after, upTo: latest, pagesMax: PAGES_MAX, patienceSeconds: FOR_EVER };
      const done = await outflows.compare(stretch);
      found.push(...done.findings);
      isComplete &&= done.isComplete;
      hasProgressed ||= !done.isComplete && done.until > after;
      // The caller keeps what was found next, and begins anew when that fails.
      this.compared.set(account, done.until);
    }
    return { findings: await this.named(found), isComplete, hasProgressed };
  }

  /** As findings of a restore, each with the payments that it may be the answer to. */
  private async named(found: readonly Finding[]): Promise<readonly Finding[]> {
    if (found.length === 0) return [];
    const renamed = found.map(({ kind, subject, tenantId, details }): Finding => ({
      ...{ kind: 'restored-payment', subject, tenantId, details: { why: kind, ...details } },
    }));
    const candidates = await this.context.uow.runSystem('payments that may have been paid already', (tx) =>
      this.parts.restored.candidates(tx, renamed),
    );
    return renamed.map((one) => ({
      ...one,
      details: { ...one.details, may_have_paid: candidates.get(one.subject)?.join(', ') ?? null },
    }));
  }
}
