import { type Migration, searchableTable, SMALL_AND_HOT, setVacuum, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'disbursements.hidden_rows';

/** Asked once per statement, in its own snapshot; a few at most. Who sweeps sees what is hidden. */
const HIDDEN = `(SELECT ARRAY(SELECT h.id FROM ${TABLE} h
      WHERE current_setting('app.sees_hidden', true) IS DISTINCT FROM 'on'))::uuid[]`;

/** So written that the planner takes nearly all rows to pass: of a plain comparison with an array it thinks that nearly none do. */
const SEEN = {
  payments: `nullif(coalesce(upload_id = ANY (${HIDDEN}), false), true) IS NOT NULL`,
  // A column of the row itself: who waited for its lock looks at it again.
  disbursements: `(removed_at IS NULL OR current_setting('app.sees_hidden', true) = 'on')`,
};

/** Those that lists and totals are read from alone, without their rows. */
const INDEXES: readonly { readonly name: string; readonly on: string; readonly include?: string }[] = [
  { name: 'payments_disbursement', on: '(tenant_id, disbursement_id, status, id)' },
  { name: 'payments_created', on: '(tenant_id, created_at, id)' },
  { name: 'payments_updated', on: '(tenant_id, updated_at, id)', include: 'created_at' },
  { name: 'payments_status', on: '(tenant_id, status, updated_at, id)', include: 'created_at' },
  { name: 'payments_status_created', on: '(tenant_id, status, created_at, id)' },
];
/** The same of direct payments. */
const DIRECT_INDEXES: typeof INDEXES = [
  { name: 'payments_direct', on: '(tenant_id, updated_at, id)' },
  { name: 'payments_direct_status', on: '(tenant_id, status, created_at)' },
  { name: 'payments_direct_created', on: '(tenant_id, created_at, id)' },
];

const indexes = (more: 'upload_id' | null): string[] =>
  [...INDEXES, ...DIRECT_INDEXES].flatMap((index) => {
    const included = [index.include, more].filter((column) => column !== undefined && column !== null);
    const include = included.length === 0 ? '' : ` INCLUDE (${included.join(', ')})`;
    const where = DIRECT_INDEXES.includes(index) ? ` WHERE type = 'DIRECT'` : '';
    return [
      `DROP INDEX disbursements.${index.name}`,
      `CREATE INDEX ${index.name} ON disbursements.payments ${index.on}${include}${where}`,
    ];
  });

/**
 * Payments of a file are written, and those of a replaced or deleted one are taken away, in many small database transactions.
 * Until the last of them nobody sees any: every policy leaves out what is named here.
 */
class HiddenRows1795340580000 implements MigrationInterface {
  readonly name = 'HiddenRows1795340580000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE ${TABLE} (
         tenant_id uuid NOT NULL,
         -- Of an upload whose payments nobody sees, or of a disbursement that was deleted.
         id uuid NOT NULL,
         disbursement_id uuid NOT NULL,
         -- ARRIVING: seen once its upload is published. REPLACED, REMOVED: to be taken away, payments or all of the disbursement.
         why text NOT NULL CHECK (why IN ('ARRIVING', 'REPLACED', 'REMOVED')),
         since timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id))`,
      ...tenantTable(
        TABLE,
        {
          dashboardApi: 'select, insert, delete',
          recipientApi: 'select',
          disbursementCore: 'select',
          messaging: 'select',
        },
        ['dashboardApi', 'disbursementCore'],
      ),
      ...searchableTable(TABLE),
      // Deleted: seen by nobody, and its rows are being taken away.
      'ALTER TABLE disbursements.disbursements ADD COLUMN removed_at timestamptz',
      ...indexes('upload_id'),
    ];
    for (const statement of statements) await runner.query(statement);
    await setVacuum(runner, { [TABLE]: SMALL_AND_HOT });
    for (const { table, name, isTenants } of await policiesOf(runner)) {
      await runner.query(
        `ALTER POLICY ${name} ON disbursements.${table} USING (${usingOf(isTenants)} AND ${SEEN[table]})`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { table, name, isTenants } of await policiesOf(runner)) {
      await runner.query(`ALTER POLICY ${name} ON disbursements.${table} USING (${usingOf(isTenants)})`);
    }
    const statements = [
      // What is hidden was to go.
      `DELETE FROM disbursements.disbursements WHERE removed_at IS NOT NULL`,
      `DELETE FROM disbursements.payments p USING ${TABLE} h WHERE p.tenant_id = h.tenant_id AND p.upload_id = h.id`,
      ...indexes(null),
      'ALTER TABLE disbursements.disbursements DROP COLUMN removed_at',
      `DROP TABLE ${TABLE}`,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

interface PolicyRow {
  readonly table: keyof typeof SEEN;
  readonly name: string;
  /** Of a role that reads one tenant; the others read across them. */
  readonly isTenants: boolean;
}

const usingOf = (isTenants: boolean): string =>
  isTenants ? 'tenant_id = (SELECT current_tenant())' : 'true';

const policiesOf = async (runner: QueryRunner): Promise<readonly PolicyRow[]> =>
  (await runner.query(
    `SELECT tablename AS "table", policyname AS name, policyname LIKE 'tenant\\_%' AS "isTenants" FROM pg_policies
      WHERE schemaname = 'disbursements' AND tablename IN ('payments', 'disbursements') ORDER BY 1, 2`,
  )) as readonly PolicyRow[];

export const hiddenRowsMigrations: readonly Migration[] = [HiddenRows1795340580000];
