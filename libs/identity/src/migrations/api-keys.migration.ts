import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys by which programs call the staff API in the name of who made them. */
class ApiKeys1795272540000 implements MigrationInterface {
  readonly name = 'ApiKeys1795272540000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // The id is the part of the key that is looked up; of the 256-bit secret only the SHA-256 is kept.
      `CREATE TABLE identity.api_keys (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         permissions text[] NOT NULL CHECK (cardinality(permissions) > 0),
         allowed_ips text[] NOT NULL DEFAULT '{}',
         expires_at timestamptz,
         created_by uuid NOT NULL,
         updated_by uuid NOT NULL,
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         last_used_at timestamptz,
         -- Kept after it was revoked, so that histories can name it.
         revoked_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, created_by) REFERENCES identity.users (tenant_id, id),
         FOREIGN KEY (tenant_id, updated_by) REFERENCES identity.users (tenant_id, id))`,
      `CREATE INDEX api_keys_creator ON identity.api_keys (tenant_id, created_by, id) WHERE revoked_at IS NULL`,
      `CREATE INDEX api_keys_changer ON identity.api_keys (tenant_id, updated_by)`,
      ...tenantTable('identity.api_keys', { dashboardApi: 'select, insert, update' }),
      // As for people: a key, its creator and the tenant in one round trip, under the same policies.
      `CREATE FUNCTION identity.key_caller(the_tenant uuid, the_key uuid)
         RETURNS TABLE (id uuid, email text, first_name text, last_name text, is_owner boolean, is_active boolean,
           roles text[], secret_hash bytea, permissions text[], allowed_ips text[])
         LANGUAGE plpgsql VOLATILE AS $$
       BEGIN
         PERFORM set_config('app.tenant_id', the_tenant::text, true);
         RETURN QUERY
           SELECT u.id, u.email, u.first_name, u.last_name, u.is_owner, u.is_active, u.roles, k.secret_hash, k.permissions,
                  k.allowed_ips
             FROM identity.api_keys k
             JOIN identity.users u ON u.tenant_id = k.tenant_id AND u.id = k.created_by
            WHERE k.tenant_id = the_tenant AND k.id = the_key
              AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
       END $$`,
      // Apart from the look-up, so that only a right secret from an allowed address counts as a use.
      `CREATE FUNCTION identity.key_used(the_tenant uuid, the_key uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
       BEGIN
         PERFORM set_config('app.tenant_id', the_tenant::text, true);
         UPDATE identity.api_keys SET last_used_at = now()
          WHERE tenant_id = the_tenant AND id = the_key
            AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
       END $$`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.key_used(uuid, uuid)');
    await runner.query('DROP FUNCTION identity.key_caller(uuid, uuid)');
    await runner.query('DROP TABLE identity.api_keys');
  }
}

export const apiKeyMigrations: readonly Migration[] = [ApiKeys1795272540000];
