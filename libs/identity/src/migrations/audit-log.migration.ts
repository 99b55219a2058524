import { APP_ROLES, type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const READ_ONLY = { dashboardApi: 'select' } as const;

/** Only the owner of the function writes; `FORCE` holds for them too, so they need a policy. */
const ownerWrites = (table: string): string =>
  `CREATE POLICY tenant_owner ON ${table} TO CURRENT_USER
     USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))`;

const FIELDS = `the_tenant::text, next_seq::text, to_char(now_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  actor_type, actor_id, actor_name, address, request_id, action, subject_type, subject_id, before::text, after::text`;

/** Who did what: rows can be added by one function and by nothing else, each sealed with the hash of the one before. */
class AuditLog1795272617000 implements MigrationInterface {
  readonly name = 'AuditLog1795272617000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE identity.audit_log (
         tenant_id uuid NOT NULL,
         seq bigint NOT NULL CHECK (seq > 0),
         at timestamptz NOT NULL,
         actor_type text NOT NULL CHECK (actor_type IN ('user', 'api_key', 'operator', 'system')),
         actor_id text NOT NULL,
         actor_name text NOT NULL,
         address text NOT NULL,
         request_id text NOT NULL,
         action text NOT NULL,
         subject_type text NOT NULL,
         subject_id text NOT NULL,
         before jsonb,
         after jsonb,
         previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
         hash bytea NOT NULL CHECK (octet_length(hash) = 32),
         PRIMARY KEY (tenant_id, seq))`,
      `CREATE INDEX audit_log_at ON identity.audit_log (tenant_id, at)`,
      `CREATE INDEX audit_log_actor ON identity.audit_log (tenant_id, actor_id, seq)`,
      `CREATE INDEX audit_log_subject ON identity.audit_log (tenant_id, subject_id, seq)`,
      ...tenantTable('identity.audit_log', READ_ONLY),
      ownerWrites('identity.audit_log'),
      // The end of each chain, so that rows missing there are missed.
      `CREATE TABLE identity.audit_heads (
         tenant_id uuid PRIMARY KEY,
         seq bigint NOT NULL,
         hash bytea NOT NULL CHECK (octet_length(hash) = 32))`,
      ...tenantTable('identity.audit_heads', READ_ONLY),
      ownerWrites('identity.audit_heads'),
      // Each field with its length in front, so that no two different rows have the same text.
      `CREATE FUNCTION identity.audit_text(VARIADIC fields text[]) RETURNS bytea
         LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
         SELECT convert_to(string_agg(
           CASE WHEN field IS NULL THEN '-' ELSE octet_length(convert_to(field, 'UTF8')) || ':' || field END, '' ORDER BY place), 'UTF8')
           FROM unnest(fields) WITH ORDINALITY AS f (field, place)
       $$`,
      // The lock of the head makes one row of everything that a tenant's people do at the same time.
      `CREATE FUNCTION identity.append_audit(actor_type text, actor_id text, actor_name text, address text, request_id text,
           action text, subject_type text, subject_id text, before jsonb, after jsonb, only_with_changes boolean)
         RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
       DECLARE
         the_tenant uuid := current_tenant();
         now_at timestamptz := clock_timestamp();
         head identity.audit_heads;
         next_seq bigint;
         sealed bytea;
       BEGIN
         IF only_with_changes AND pg_current_xact_id_if_assigned() IS NULL THEN RETURN NULL; END IF;
         INSERT INTO identity.audit_heads (tenant_id, seq, hash) VALUES (the_tenant, 0, decode(repeat('00', 32), 'hex'))
           ON CONFLICT (tenant_id) DO NOTHING;
         SELECT * INTO head FROM identity.audit_heads h WHERE h.tenant_id = the_tenant FOR UPDATE;
         next_seq := head.seq + 1;
         sealed := sha256(head.hash || identity.audit_text(${FIELDS}));
         INSERT INTO identity.audit_log VALUES (the_tenant, next_seq, now_at, actor_type, actor_id, actor_name, address,
           request_id, action, subject_type, subject_id, before, after, head.hash, sealed);
         UPDATE identity.audit_heads h SET seq = next_seq, hash = sealed WHERE h.tenant_id = the_tenant;
         RETURN next_seq;
       END $$`,
      `REVOKE ALL ON FUNCTION identity.append_audit FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION identity.append_audit TO ${APP_ROLES.dashboardApi}`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.append_audit');
    await runner.query('DROP TABLE identity.audit_log, identity.audit_heads');
    await runner.query('DROP FUNCTION identity.audit_text(text[])');
  }
}

export const auditLogMigrations: readonly Migration[] = [AuditLog1795272617000];
