import { Client } from 'pg';

import { testDatabase, type TestDatabase } from '../postgres/test-database';

/**
 * Tables that carry a tenant's id and yet are no tenant's (architecture.md §4): reached in a SystemTx only, and
 * granted column by column. Everything else is behind forced row-level security.
 */
const OF_NO_TENANT =
  /^(eventing\.\w+|tenants\.tenants|submissions\.channel_accounts|disbursements\.fund_reservations)$/;

describe('the schema of the platform', () => {
  let database: TestDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await testDatabase();
    client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('has forced row-level security on every table of tenants', async () => {
    const open = await namesOf(
      `SELECT ${NAME} AS name FROM ${TENANT_TABLES} WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(open).toEqual([]);
  });

  it('has the tenant first in every key and index, so that the same schema can be distributed', async () => {
    const others = await namesOf(
      `SELECT ${NAME} || '.' || i.relname AS name FROM ${TENANT_TABLES}
         JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
        WHERE a.attnum <> x.indkey[0]`,
    );
    expect(others.filter((name) => !MAY_START_OTHERWISE.test(name))).toEqual([]);
  });

  it('refers from one table of tenants to another only together with the tenant', async () => {
    const others = await namesOf(
      `SELECT ${NAME} || '.' || k.conname AS name FROM ${TENANT_TABLES}
         JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
        WHERE NOT (a.attnum = ANY (k.conkey))`,
    );
    expect(others).toEqual([]);
  });

  it("lets an app's own role see and write its tenant's rows only; reads across tenants are the second role's", async () => {
    const wide = await namesOf(
      `SELECT schemaname || '.' || tablename || '.' || policyname AS name FROM pg_policies, unnest(roles) AS role
        WHERE NOT ((role LIKE '%\\_system' OR role = 'distributary_search') AND cmd = 'SELECT')
          AND (coalesce(qual, '') NOT LIKE '%current_tenant()%' AND coalesce(with_check, '') NOT LIKE '%current_tenant()%')`,
    );
    expect(wide).toEqual([]);
  });

  it('lets nobody be the role of searches, whose functions compare the tenant themselves', async () => {
    const members = await namesOf(
      `SELECT member::regrole::text AS name FROM pg_auth_members
        WHERE roleid = 'distributary_search'::regrole AND member <> 'distributary_owner'::regrole`,
    );
    expect(members).toEqual([]);
    const { rows } = await client.query<{ name: string; careful: boolean; callers: string[] }>(
      `SELECT p.proname AS name, p.prosecdef AND p.prosrc LIKE '%current\\_tenant()%' AS careful,
              ARRAY(SELECT r.rolname::text FROM pg_roles r
                     WHERE r.rolcanlogin AND NOT r.rolsuper AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS callers
         FROM pg_proc p WHERE p.proowner = 'distributary_search'::regrole ORDER BY 1`,
    );
    expect(rows.filter(({ careful }) => !careful)).toEqual([]);
    expect(Object.fromEntries(rows.map(({ name, callers }) => [name, callers.join()]))).toEqual({
      payments_of_others: 'distributary_transaction_submission',
      payments_with_text: 'distributary_dashboard_api',
      receivers_with_text: 'distributary_dashboard_api',
    });
    const { rows: role } = await client.query(
      `SELECT rolcanlogin, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = 'distributary_search'`,
    );
    expect(role).toEqual([{ rolcanlogin: false, rolbypassrls: false, rolsuper: false }]);
  });

  it('belongs to a role that no app connects as', async () => {
    const wrong = await namesOf(
      `SELECT ${NAME} || ' of ' || c.relowner::regrole AS name FROM pg_class c ${OUR_SCHEMAS}
        WHERE c.relkind IN ('r', 'p') AND c.relowner <> 'distributary_owner'::regrole`,
    );
    expect(wrong).toEqual([]);
  });

  async function namesOf(sql: string): Promise<string[]> {
    const { rows } = await client.query<{ name: string }>(sql);
    return rows
      .map(({ name }) => name)
      .filter((name) => !OF_NO_TENANT.test(name.split('.').slice(0, 2).join('.')));
  }
});

const NAME = `n.nspname || '.' || c.relname`;
const OUR_SCHEMAS = `JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`;
const TENANT_TABLES = `pg_class c ${OUR_SCHEMAS} AND c.relkind IN ('r', 'p')
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'`;
/** Indexes that jobs across tenants read by, and keys that must be unique over all tenants. */
const MAY_START_OTHERWISE =
  /^submissions\.(attempts\.attempts_(reference|applied)|submissions\.submissions_paid)$/;
