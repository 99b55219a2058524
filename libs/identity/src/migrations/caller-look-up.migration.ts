import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The look-up of a key names no tenant but what the request calls it, so that one round trip answers everything. */
class CallerLookUp1795278484000 implements MigrationInterface {
  readonly name = 'CallerLookUp1795278484000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      // A row per tenant that the request may be for; the key's columns are null where it is not one of that tenant.
      `CREATE FUNCTION identity.key_caller_among(names text[], with_only boolean, the_key uuid)
         RETURNS TABLE (tenant jsonb, is_only boolean, id uuid, email text, first_name text, last_name text,
           is_owner boolean, is_active boolean, roles text[], secret_hash bytea, permissions text[],
           allowed_ips text[], was_noted boolean)
         LANGUAGE plpgsql VOLATILE AS $$
       DECLARE
         only_id uuid;
         found tenants.tenants;
       BEGIN
         IF with_only THEN
           SELECT o.id INTO only_id
             FROM (SELECT t.id, t.is_default, count(*) OVER () AS how_many FROM tenants.tenants t
                    WHERE t.deleted_at IS NULL ORDER BY t.is_default DESC, t.id LIMIT 1) o
            WHERE o.is_default OR o.how_many = 1;
         END IF;
         FOR found IN SELECT * FROM tenants.tenants t WHERE t.name = ANY (names) OR t.id = only_id LOOP
           PERFORM set_config('app.tenant_id', found.id::text, true);
           RETURN QUERY
             SELECT to_jsonb(found), found.id IS NOT DISTINCT FROM only_id, u.id, u.email, u.first_name, u.last_name,
                    u.is_owner, u.is_active, u.roles, k.secret_hash, k.permissions, k.allowed_ips,
                    coalesce(k.last_used_at > now() - interval '1 minute', false)
               FROM (SELECT 1) one
               LEFT JOIN identity.api_keys k ON k.tenant_id = found.id AND k.id = the_key
                     AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
               LEFT JOIN identity.users u ON u.tenant_id = k.tenant_id AND u.id = k.created_by;
         END LOOP;
       END $$`,
    );
    await runner.query('DROP FUNCTION identity.key_caller(uuid, uuid)');
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('the older look-up is not made again: restore a backup instead'));
  }
}

export const callerLookUpMigrations: readonly Migration[] = [CallerLookUp1795278484000];
