import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const STAFF_API = { dashboardApi: 'select, insert, update, delete' } as const;

/** Sessions that are renewed by rotating tokens, places that a person signs in from, and the look-up of a caller. */
class SignIn1795272480000 implements MigrationInterface {
  readonly name = 'SignIn1795272480000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `ALTER TABLE identity.sessions
         ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(),
         -- However often it is renewed, a session ends here.
         ADD COLUMN limit_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
         ADD COLUMN address text NOT NULL DEFAULT '',
         ADD COLUMN user_agent text NOT NULL DEFAULT '',
         -- When the second factor was last shown in this session.
         ADD COLUMN proven_at timestamptz,
         -- Only good for setting up a second factor.
         ADD COLUMN must_enrol boolean NOT NULL DEFAULT false`,
      // Used ones are kept as long as their session, because one that comes back means that somebody has a copy.
      `CREATE TABLE identity.refresh_tokens (
         tenant_id uuid NOT NULL,
         token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
         session_id uuid NOT NULL,
         used_at timestamptz,
         PRIMARY KEY (tenant_id, token_hash),
         FOREIGN KEY (tenant_id, session_id) REFERENCES identity.sessions (tenant_id, id) ON DELETE CASCADE)`,
      `CREATE INDEX refresh_tokens_session ON identity.refresh_tokens (tenant_id, session_id)`,
      ...tenantTable('identity.refresh_tokens', STAFF_API),
      // Devices and addresses, as hashes, from which a person has signed in: a stranger's failures do not make them wait.
      `CREATE TABLE identity.known_places (
         tenant_id uuid NOT NULL,
         user_id uuid NOT NULL,
         place_hash bytea NOT NULL CHECK (octet_length(place_hash) = 32),
         last_used_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, user_id, place_hash),
         FOREIGN KEY (tenant_id, user_id) REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE)`,
      ...tenantTable('identity.known_places', STAFF_API),
      // Everything that a request of a signed-in person needs to know, in one round trip and under the same policies.
      `CREATE FUNCTION identity.session_caller(the_tenant uuid, the_session uuid, the_user uuid, names text[])
         RETURNS TABLE (id uuid, email text, first_name text, last_name text, is_owner boolean, is_active boolean,
           roles text[], proven_at timestamptz, must_enrol boolean, tenant jsonb, known_names text[])
         LANGUAGE plpgsql VOLATILE AS $$
       BEGIN
         PERFORM set_config('app.tenant_id', the_tenant::text, true);
         UPDATE identity.sessions s SET last_seen_at = now()
          WHERE s.tenant_id = the_tenant AND s.id = the_session AND s.last_seen_at < now() - interval '1 minute';
         RETURN QUERY
           SELECT u.id, u.email, u.first_name, u.last_name, u.is_owner, u.is_active, u.roles, s.proven_at, s.must_enrol,
                  to_jsonb(t), ARRAY(SELECT n.name FROM tenants.tenants n WHERE n.name = ANY (names))
             FROM identity.sessions s
             JOIN identity.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
             JOIN tenants.tenants t ON t.id = s.tenant_id
            WHERE s.tenant_id = the_tenant AND s.id = the_session AND s.user_id = the_user
              AND s.ended_at IS NULL AND s.expires_at > now() AND u.is_active;
       END $$`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.session_caller(uuid, uuid, uuid, text[])');
    await runner.query('DROP TABLE identity.known_places, identity.refresh_tokens');
    await runner.query(
      `ALTER TABLE identity.sessions DROP COLUMN last_seen_at, DROP COLUMN limit_at, DROP COLUMN address,
         DROP COLUMN user_agent, DROP COLUMN proven_at, DROP COLUMN must_enrol`,
    );
  }
}

export const signInMigrations: readonly Migration[] = [SignIn1795272480000];
