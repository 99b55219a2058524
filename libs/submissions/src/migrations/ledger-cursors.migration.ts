import { type Migration, systemTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each instance has come in the ledger transactions of the network, and which history that was. */
class LedgerCursors1763714700000 implements MigrationInterface {
  readonly name = 'LedgerCursors1763714700000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE submissions.ledger_cursors (
         instance_id uuid PRIMARY KEY,
         -- Everything about this instance's attempts up to this paging token is recorded.
         cursor bigint NOT NULL,
         -- A ledger that was seen then: whoever shows another one under its number is another network.
         ledger bigint NOT NULL,
         ledger_hash text NOT NULL CHECK (ledger_hash ~ '^[0-9a-f]{64}$'),
         ledger_closed_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL DEFAULT now())`,
      ...systemTable('submissions.ledger_cursors', {
        transactionSubmission: 'select, insert, update, delete',
      }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.ledger_cursors');
  }
}

export const ledgerCursorsMigrations: readonly Migration[] = [LedgerCursors1763714700000];
