import { APP_NAMES, APP_ROLES, type AppName, systemRoleOf } from './roles';

/** What one app may do with one table, in SQL: `select`, `select, insert, update (status)`, … */
export type Grants = Partial<Record<AppName, string>>;

const entriesOf = (grants: Grants): [AppName, string][] =>
  APP_NAMES.flatMap((app) => {
    const privileges = grants[app];
    return privileges === undefined ? [] : [[app, privileges] satisfies [AppName, string]];
  });

/** Statements that let each app use a table that belongs to no tenant, in any database transaction. */
export const systemTable = (table: string, grants: Grants): string[] =>
  entriesOf(grants).map(
    ([app, privileges]) => `GRANT ${privileges} ON ${table} TO ${APP_ROLES[app]}, ${systemRoleOf(app)}`,
  );

/**
 * Statements that put a table under row-level security and let each app use it within one tenant.
 *
 * FORCE makes the policy hold for the owner too. `readAcrossTenants` lists the apps whose second role may read all
 * rows in a SystemTx; each of them must be on the list in docs/adr/0003.
 */
export const tenantTable = (
  table: string,
  grants: Grants,
  readAcrossTenants: readonly AppName[] = [],
): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  ...entriesOf(grants).flatMap(([app, privileges]) => [
    `GRANT ${privileges} ON ${table} TO ${APP_ROLES[app]}`,
    `CREATE POLICY tenant_${app.toLowerCase()} ON ${table} TO ${APP_ROLES[app]}
       USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))`,
  ]),
  ...readAcrossTenants.flatMap((app) => [
    `GRANT SELECT ON ${table} TO ${systemRoleOf(app)}`,
    `CREATE POLICY across_${app.toLowerCase()} ON ${table} FOR SELECT TO ${systemRoleOf(app)} USING (true)`,
  ]),
];

export const schemaFor = (schema: string): string[] => [
  `CREATE SCHEMA IF NOT EXISTS ${schema}`,
  ...APP_NAMES.map((app) => `GRANT USAGE ON SCHEMA ${schema} TO ${APP_ROLES[app]}, ${systemRoleOf(app)}`),
];
