import type { TenantTx } from '@libs/persistence';

const TABLE = 'pg_temp.scratch_parts';

/** The parts of a file of which nothing is kept: in a TEMP table of their session, and gone with it. */
export class ScratchParts {
  async create(tx: TenantTx): Promise<void> {
    await tx.execute(
      `CREATE TEMP TABLE scratch_parts (part integer PRIMARY KEY, content bytea STORAGE EXTERNAL NOT NULL) ON COMMIT PRESERVE ROWS`,
    );
  }

  async add(tx: TenantTx, part: number, gzipped: Uint8Array): Promise<void> {
    await tx.execute(`INSERT INTO ${TABLE} (part, content) VALUES ($1, $2)`, [part, gzipped]);
  }

  /** Null when there is no such part. */
  async read(tx: TenantTx, part: number): Promise<Uint8Array | null> {
    const row = await tx.queryOne<{ content: Uint8Array }>(`SELECT content FROM ${TABLE} WHERE part = $1`, [
      part,
    ]);
    return row?.content ?? null;
  }
}
