import { newId } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

/** What a person decided about paying. */
export interface OperatorDecision {
  readonly kind:
    | 'rotate-key'
    | 'abandon-key-rotation'
    | 'stop-paying'
    | 'resume-paying'
    | 'resolve-contradiction'
    | 'continue-after-restore'
    | 'pay-after-restore'
    | 'outflow-ceiling'
    | 'finding-closed';
  /** What it is about: the id of an attempt or payment, the reason of a hold, the name of a tenant. */
  readonly subject: string;
  /** `operator:<name>`. */
  readonly actor: string;
  /** Why, in the person's own words: 1 to 1,000 characters. */
  readonly reason: string;
  readonly details?: object;
}

export interface RecordedDecision extends OperatorDecision {
  readonly decidedAt: Date;
}

const LISTED_MAX = 1_000;

/** The record of decisions. It grows only. */
export class OperatorDecisionRepository {
  async record(tx: SystemTx | TenantTx, decision: OperatorDecision): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.operator_decisions (id, kind, subject, actor, reason, details)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        newId(),
        decision.kind,
        decision.subject,
        decision.actor,
        decision.reason,
        JSON.stringify(decision.details ?? {}),
      ],
    );
  }

  /** The newest first, at most a thousand. */
  async list(tx: SystemTx): Promise<readonly RecordedDecision[]> {
    return await tx.query<RecordedDecision & Record<string, unknown>>(
      `SELECT kind, subject, actor, reason, details, decided_at AS "decidedAt"
         FROM submissions.operator_decisions ORDER BY decided_at DESC, id DESC LIMIT ${String(LISTED_MAX)}`,
    );
  }
}
