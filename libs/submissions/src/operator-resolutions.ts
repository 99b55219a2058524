import { isId, type Result } from '@libs/kernel';
import type { UnitOfWork } from '@libs/persistence';

import { type Contradiction, ContradictionRepository, type Resolution } from './contradiction.repository';
import type { FindingKind, StoredFinding } from './finding';
import { FindingRepository } from './finding.repository';
import { Holds } from './holds';
import { OperatorDecisionRepository } from './operator-decision.repository';
import { RESTORED_HOLD, RestoredPayments } from './restored-payments.repository';

export interface OperatorOrder {
  /** `operator:<name>`. */
  readonly actor: string;
  /** 1 to 1,000 characters. */
  readonly reason: string;
}

export interface ClosedFindings {
  readonly closed: number;
  /** Payments that wait and that a forgotten ledger transaction may have paid: they are held now. */
  readonly held: readonly { readonly tenantId: string; readonly paymentId: string }[];
}

export type ResolveProblem = 'unknown' | 'too early';

/** What only a person can decide: it is kept with name and reason, and the running instances act on it. */
export class OperatorResolutions {
  private readonly contradictions = new ContradictionRepository();
  private readonly findings = new FindingRepository();
  private readonly decisions = new OperatorDecisionRepository();
  private readonly restored = new RestoredPayments();
  private readonly holds = new Holds();

  constructor(private readonly uow: UnitOfWork) {}

  async listContradictions(): Promise<readonly Contradiction[]> {
    return await this.uow.runSystem('attempts that contradict the ledger', (tx) =>
      this.contradictions.list(tx),
    );
  }

  /** Whoever has its channel account ends the attempt after the next ledger, unless there is evidence by then. */
  async resolve(
    attemptId: string,
    resolution: Resolution,
    { actor, reason }: OperatorOrder,
  ): Promise<Result<Contradiction, ResolveProblem>> {
    return await this.uow.runSystem('a person ends a contradiction', async (tx) => {
      const found = (await this.contradictions.list(tx)).find((one) => one.attemptId === attemptId);
      if (found === undefined) return { ok: false, error: 'unknown' };
      if (!found.mayBeResolved) return { ok: false, error: 'too early' };
      const details =
        resolution.as === 'paid'
          ? { as: 'paid', ledger: resolution.ledger, closed_at: resolution.closedAt.toISOString() }
          : { as: 'unpaid' };
      await this.decisions.record(tx, {
        ...{ kind: 'resolve-contradiction', subject: attemptId, actor, reason },
        details: { ...details, tenant: found.tenantId, transaction: found.reference },
      });
      return { ok: true, value: found };
    });
  }

  async openFindings(kinds: readonly FindingKind[]): Promise<readonly StoredFinding[]> {
    return await this.uow.runSystem('findings that are open', (tx) => this.findings.open(tx, { kinds }));
  }

  /**
   * Closes open findings; null closes all of these kinds. What a forgotten ledger transaction may have paid is held first, so
   * that signing, which goes on when the last one is closed, does not pay it again.
   */
  async closeFindings(
    kinds: readonly FindingKind[],
    subject: string | null,
    { actor, reason }: OperatorOrder,
  ): Promise<ClosedFindings> {
    const { found, waiting } = await this.uow.runSystem('findings that a person closes', async (tx) => {
      const open = await this.findings.open(tx, { kinds });
      const chosen = subject === null ? open : open.filter((one) => one.subject === subject);
      const forgotten = chosen.filter(({ kind }) => kind === 'restored-payment');
      return { found: chosen, waiting: await this.restored.waiting(tx, forgotten) };
    });
    for (const [tenantId, own] of Map.groupBy(waiting, (one) => one.tenantId)) {
      await this.uow.run({ tenantId, actor, trace: '' }, async (tx) => {
        for (const { paymentId } of own)
          await this.holds.hold(tx, { type: 'payment', id: paymentId }, RESTORED_HOLD);
      });
    }
    const closed = await this.uow.runSystem('findings that a person closes', async (tx) => {
      let count = 0;
      for (const { kind, subject: about } of found) {
        const hasClosed = (await this.findings.close(tx, kind, [about], actor)) > 0;
        if (!hasClosed) continue;
        count += 1;
        await this.decisions.record(tx, {
          ...{ kind: 'finding-closed', subject: about, actor, reason, details: { finding: kind } },
        });
      }
      return count;
    });
    return { closed, held: waiting.map(({ tenantId, paymentId }) => ({ tenantId, paymentId })) };
  }

  /** Lifts the hold of a payment that a forgotten ledger transaction did not pay. False when it has none. */
  async payAfterRestore(paymentId: string, { actor, reason }: OperatorOrder): Promise<boolean> {
    if (!isId(paymentId)) return false;
    const tenants = await this.uow.runSystem('whose payment is held after a restore', (tx) =>
      this.restored.tenantsHolding(tx, paymentId),
    );
    for (const tenantId of tenants) {
      await this.uow.run({ tenantId, actor, trace: '' }, async (tx) => {
        await this.holds.release(tx, { type: 'payment', id: paymentId }, RESTORED_HOLD);
        await this.decisions.record(tx, { kind: 'pay-after-restore', subject: paymentId, actor, reason });
      });
    }
    return tenants.length > 0;
  }
}
