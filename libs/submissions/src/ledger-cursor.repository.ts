import type { SystemTx } from '@libs/persistence';

/** A ledger that was seen on our network. */
export interface LedgerAnchor {
  readonly sequence: number;
  readonly hash: string;
  readonly closedAt: Date;
}

export interface FeedPosition {
  /** A paging token. */
  readonly cursor: bigint;
  readonly anchor: LedgerAnchor;
}

/** An instance that ended longer ago than this has left nothing that is still to be found. */
const KEPT = '1 day';

/** Remembers how far each instance has come in the ledger transactions of the network. */
export class LedgerCursorRepository {
  /** Where the instance that is furthest behind has come to; null when nobody has come anywhere. */
  async furthestBehind(tx: SystemTx, exceptInstance: string): Promise<bigint | null> {
    const row = await tx.queryOne<{ cursor: bigint | null }>(
      `SELECT min(cursor) AS cursor FROM submissions.ledger_cursors WHERE instance_id <> $1`,
      [exceptInstance],
    );
    return row?.cursor ?? null;
  }

  /** The newest ledger that any instance has seen. */
  async anchor(tx: SystemTx): Promise<LedgerAnchor | null> {
    const row = await tx.queryOne<{ ledger: bigint; ledger_hash: string; ledger_closed_at: Date }>(
      `SELECT ledger, ledger_hash, ledger_closed_at FROM submissions.ledger_cursors
        ORDER BY ledger DESC, updated_at DESC LIMIT 1`,
    );
    if (row === null) return null;
    return { sequence: Number(row.ledger), hash: row.ledger_hash, closedAt: row.ledger_closed_at };
  }

  /** Writes the position of one instance, which never goes back, and forgets instances that ended long ago. */
  async save(tx: SystemTx, instanceId: string, { cursor, anchor }: FeedPosition): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.ledger_cursors AS c (instance_id, cursor, ledger, ledger_hash, ledger_closed_at)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (instance_id) DO UPDATE
          SET cursor = greatest(c.cursor, excluded.cursor), ledger = excluded.ledger,
              ledger_hash = excluded.ledger_hash, ledger_closed_at = excluded.ledger_closed_at, updated_at = now()`,
      [instanceId, cursor, anchor.sequence, anchor.hash, anchor.closedAt],
    );
  }

  async forgetEnded(tx: SystemTx): Promise<void> {
    // The newest one stays whatever its age: it says which network this is.
    await tx.execute(
      `DELETE FROM submissions.ledger_cursors c
        WHERE c.updated_at < now() - $1::interval
          AND c.ledger < (SELECT max(ledger) FROM submissions.ledger_cursors)`,
      [KEPT],
    );
  }
}
