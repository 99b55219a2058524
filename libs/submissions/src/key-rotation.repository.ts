import { keyRotationMachine, type KeyRotationMove, type KeyRotationStatus } from '@libs/domain';
import type { SystemTx, TenantTx } from '@libs/persistence';

/** The replacement of the key that signs for a tenant's account. All keys are public ones. */
export interface KeyRotation {
  readonly id: string;
  readonly account: string;
  readonly oldKey: string;
  readonly newKey: string;
  readonly status: KeyRotationStatus;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export type NewKeyRotation = Pick<KeyRotation, 'id' | 'account' | 'oldKey' | 'newKey'>;

/** What the ledger may still apply for a tenant. */
export interface InFlight {
  readonly attempts: number;
  /** When the last of them can be applied no more; null when there are none. */
  readonly until: Date | null;
}

const COLUMNS = `id, account, old_key AS "oldKey", new_key AS "newKey", status, created_at AS "createdAt",
  ended_at AS "endedAt"`;
const LISTED_MAX = 1_000;

/** The only writer of `submissions.key_rotations`. */
export class KeyRotationRepository {
  /** Begins one. False when another is under way for this tenant. */
  async begin(tx: TenantTx, { id, account, oldKey, newKey }: NewKeyRotation): Promise<boolean> {
    const [status] = keyRotationMachine.initial;
    const rows = await tx.execute(
      `INSERT INTO submissions.key_rotations (tenant_id, id, account, old_key, new_key, status, status_history)
       VALUES ($1, $2, $3, $4, $5, $6, history_entry($6, $7, ''))
       ON CONFLICT (tenant_id) WHERE ended_at IS NULL DO NOTHING`,
      [tx.tenantId, id, account, oldKey, newKey, status ?? null, tx.actor],
    );
    return rows === 1;
  }

  /** The one that is under way for a tenant. */
  async open(tx: TenantTx): Promise<KeyRotation | null> {
    return await tx.queryOne<KeyRotation & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM submissions.key_rotations WHERE tenant_id = $1 AND ended_at IS NULL`,
      [tx.tenantId],
    );
  }

  /** The rotations of all tenants, those under way first, then the newest; at most a thousand. */
  async list(tx: SystemTx): Promise<readonly (KeyRotation & { readonly tenantId: string })[]> {
    return await tx.query<KeyRotation & { readonly tenantId: string } & Record<string, unknown>>(
      `SELECT tenant_id AS "tenantId", ${COLUMNS} FROM submissions.key_rotations
        ORDER BY (ended_at IS NULL) DESC, created_at DESC LIMIT ${String(LISTED_MAX)}`,
    );
  }

  /** How many are under way, and since when the oldest of them. */
  async underWay(tx: SystemTx): Promise<{ readonly count: number; readonly oldestSeconds: number }> {
    const row = await tx.queryOne<{ count: bigint; seconds: number }>(
      `SELECT count(*) AS count, coalesce(extract(epoch FROM now() - min(created_at)), 0)::integer AS seconds
         FROM submissions.key_rotations WHERE ended_at IS NULL`,
    );
    return { count: Number(row?.count ?? 0n), oldestSeconds: row?.seconds ?? 0 };
  }

  async inFlight(tx: TenantTx): Promise<InFlight> {
    const row = await tx.queryOne<{ attempts: bigint; until: Date | null }>(
      `SELECT count(*) AS attempts, max(a.max_time) AS until
         FROM submissions.channel_accounts c
         LEFT JOIN submissions.attempts a ON a.tenant_id = c.live_tenant AND a.id = c.live_attempt
        WHERE c.live_tenant = $1`,
      [tx.tenantId],
    );
    return { attempts: Number(row?.attempts ?? 0n), until: row?.until ?? null };
  }

  /** Moves one. False when it was not in a state that the move leaves. The caller holds the lock of the tenant. */
  async move(tx: TenantTx, id: string, move: KeyRotationMove): Promise<boolean> {
    const to = keyRotationMachine.targetOf(move);
    const rows = await tx.execute(
      `UPDATE submissions.key_rotations
          SET status = $3, status_history = status_history || history_entry($3, $4, ''), updated_at = now(),
              ended_at = CASE WHEN $5 THEN now() END
        WHERE tenant_id = $1 AND id = $2 AND status = ANY($6)`,
      [tx.tenantId, id, to, tx.actor, keyRotationMachine.isFinal(to), keyRotationMachine.sourcesOf(move)],
    );
    return rows === 1;
  }
}
