import { APP_NAMES, APP_ROLES, type AppName, SEARCH_ROLE, systemRoleOf } from './roles';

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

/** Statements that let the functions of `searchFunction` read a table across tenants. */
export const searchableTable = (table: string): string[] => [
  `GRANT SELECT ON ${table} TO ${SEARCH_ROLE}`,
  `CREATE POLICY search ON ${table} FOR SELECT TO ${SEARCH_ROLE} USING (true)`,
];

/**
 * Statements that turn a SECURITY DEFINER function into one that looks for a part of a text. It must compare the tenant with
 * `current_tenant()` itself, and must return no more than ids and what they are ordered and filtered by: what is shown of them is read
 * under the policies of the app.
 */
export const searchFunction = (schema: string, signature: string, callers: readonly string[]): string[] => [
  `REVOKE ALL ON FUNCTION ${schema}.${signature} FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION ${schema}.${signature} TO ${callers.join(', ')}`,
  // Who is to own a function must be allowed to make one there, and only for this moment.
  `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${SEARCH_ROLE}`,
  `ALTER FUNCTION ${schema}.${signature} OWNER TO ${SEARCH_ROLE}`,
  `REVOKE CREATE ON SCHEMA ${schema} FROM ${SEARCH_ROLE}`,
];

export const schemaFor = (schema: string): string[] => [
  `CREATE SCHEMA IF NOT EXISTS ${schema}`,
  ...APP_NAMES.map((app) => `GRANT USAGE ON SCHEMA ${schema} TO ${APP_ROLES[app]}, ${systemRoleOf(app)}`),
];
