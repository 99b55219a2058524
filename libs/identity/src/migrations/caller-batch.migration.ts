import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everything that a request of a signed-in person needs to know as one JSON value; null when there is nobody. */
const SESSION_CALLER = `
  CREATE FUNCTION identity.session_caller(the_tenant uuid, the_session uuid, the_user uuid, names text[])
    RETURNS json LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    found json;
    was_seen boolean;
  BEGIN
    PERFORM set_config('app.tenant_id', the_tenant::text, true);
    SELECT s.last_seen_at >= now() - interval '1 minute',
           json_build_object('id', u.id, 'email', u.email, 'first_name', u.first_name, 'last_name', u.last_name,
             'is_owner', u.is_owner, 'is_active', u.is_active, 'roles', u.roles,
             'proven_at', s.proven_at, 'must_enrol', s.must_enrol,
             'known_names', ARRAY(SELECT n.name FROM tenants.tenants n WHERE n.name = ANY (names)),
             'tenant', json_build_object('id', t.id, 'name', t.name, 'base_url', t.base_url,
               'sdp_ui_base_url', t.sdp_ui_base_url, 'status', t.status, 'is_default', t.is_default,
               'distribution_account_address', t.distribution_account_address,
               'distribution_account_type', t.distribution_account_type,
               'distribution_account_status', t.distribution_account_status,
               'created_at', t.created_at, 'updated_at', t.updated_at, 'deleted_at', t.deleted_at))
      INTO was_seen, found
      FROM identity.sessions s
      JOIN identity.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
      JOIN tenants.tenants t ON t.id = s.tenant_id
     WHERE s.tenant_id = the_tenant AND s.id = the_session AND s.user_id = the_user
       AND s.ended_at IS NULL AND s.expires_at > now() AND u.is_active;
    IF NOT was_seen THEN
      -- A session that somebody is changing right now is not waited for: it is noted with its next request.
      UPDATE identity.sessions s SET last_seen_at = now()
       WHERE (s.tenant_id, s.id) = (SELECT mine.tenant_id, mine.id FROM identity.sessions mine
                                     WHERE mine.tenant_id = the_tenant AND mine.id = the_session
                                       FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN found;
  END $$`;

/** The same for requests that came at the same time, each with its count; one that was too many finds nobody. */
const COUNTED = `
  CREATE FUNCTION identity.counted_session_callers(keys bytea[], windows int[], limits int[],
    the_tenants uuid[], the_sessions uuid[], the_users uuid[], the_names text[])
    RETURNS TABLE (place int, remaining int, resets_at bigint, caller json) LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    taken record;
  BEGIN
    -- In the order of the keys: two that count the same requests at once never wait for each other in a circle.
    FOR place IN SELECT n FROM generate_subscripts(keys, 1) AS n ORDER BY keys[n] LOOP
      taken := http.take_rate_limit(keys[place], windows[place], limits[place]);
      remaining := taken.remaining;
      resets_at := taken.resets_at;
      caller := CASE WHEN remaining >= 0 THEN identity.session_caller(the_tenants[place], the_sessions[place],
        the_users[place], string_to_array(the_names[place], ' ')) END;
      RETURN NEXT;
    END LOOP;
  END $$`;

/** Requests that come at the same time ask who calls together: most of what a look-up costs is the way to it. */
class CallerBatch1795292102000 implements MigrationInterface {
  readonly name = 'CallerBatch1795292102000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.session_caller(uuid, uuid, uuid, text[])');
    await runner.query(SESSION_CALLER);
    await runner.query(COUNTED);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('the older look-up is not made again: restore a backup instead'));
  }
}

export const callerBatchMigrations: readonly Migration[] = [CallerBatch1795292102000];
