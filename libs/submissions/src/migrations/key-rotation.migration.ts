import { APP_ROLES, type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = APP_ROLES.transactionSubmission;

/** An account may be signed for by another key than the one it was born with, and keys may be sealed anew. */
class KeyRotation1795272601000 implements MigrationInterface {
  readonly name = 'KeyRotation1795272601000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `ALTER TABLE submissions.vault
         ADD COLUMN key text CHECK (key ~ '^G[A-Z2-7]{55}$'),
         ADD COLUMN state text NOT NULL DEFAULT 'CURRENT' CHECK (state IN ('NEXT', 'CURRENT', 'OLD'))`,
      `UPDATE submissions.vault SET key = account`,
      `ALTER TABLE submissions.vault DROP CONSTRAINT vault_pkey, ALTER COLUMN key SET NOT NULL, ADD PRIMARY KEY (key)`,
      `CREATE UNIQUE INDEX vault_current ON submissions.vault (account) WHERE state = 'CURRENT'`,
      `CREATE UNIQUE INDEX vault_next ON submissions.vault (account) WHERE state = 'NEXT'`,
      `CREATE UNIQUE INDEX vault_of_tenant ON submissions.vault (tenant)
         WHERE purpose = 'distribution' AND state = 'CURRENT'`,
      `GRANT UPDATE (sealed, state) ON submissions.vault TO ${ROLE}, ${ROLE}_system`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      `REVOKE UPDATE (sealed, state) ON submissions.vault FROM ${ROLE}, ${ROLE}_system`,
      `DELETE FROM submissions.vault WHERE state <> 'CURRENT'`,
      `ALTER TABLE submissions.vault DROP CONSTRAINT vault_pkey, DROP COLUMN key, DROP COLUMN state, ADD PRIMARY KEY (account)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

/** How far the rotation of a tenant's key has come, so that it can be killed and resumed at any step. */
class KeyRotationSteps1795278181000 implements MigrationInterface {
  readonly name = 'KeyRotationSteps1795278181000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE submissions.key_rotations (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         account text NOT NULL CHECK (account ~ '^G[A-Z2-7]{55}$'),
         old_key text NOT NULL,
         new_key text NOT NULL CHECK (new_key <> old_key),
         status text NOT NULL CHECK (status IN ('HELD', 'DRAINED', 'DONE', 'ABANDONED')),
         status_history jsonb NOT NULL DEFAULT '[]',
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         ended_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         CHECK ((ended_at IS NULL) = (status IN ('HELD', 'DRAINED'))))`,
      `CREATE UNIQUE INDEX key_rotations_open ON submissions.key_rotations (tenant_id) WHERE ended_at IS NULL`,
      ...tenantTable('submissions.key_rotations', { transactionSubmission: 'select, insert, update' }, [
        'transactionSubmission',
      ]),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.key_rotations');
  }
}

export const keyRotationMigrations: readonly Migration[] = [
  KeyRotation1795272601000,
  KeyRotationSteps1795278181000,
];
