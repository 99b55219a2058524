import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * When each member of staff last changed where the money of a person goes. Without a foreign key, so that people who are swept after
 * a refused upload cost nothing more: who was changed by staff is not among them.
 */
class StaffChanges1795416000000 implements MigrationInterface {
  readonly name = 'StaffChanges1795416000000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE receivers.staff_changes (
         tenant_id uuid NOT NULL,
         receiver_id uuid NOT NULL,
         changed_by uuid NOT NULL,
         changed_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, receiver_id, changed_by))`,
      `CREATE INDEX staff_changes_moment ON receivers.staff_changes (tenant_id, changed_at)`,
      ...tenantTable('receivers.staff_changes', { dashboardApi: 'select, insert, update' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE receivers.staff_changes');
  }
}

export const staffChangesMigrations: readonly Migration[] = [StaffChanges1795416000000];
