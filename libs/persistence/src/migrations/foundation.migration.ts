import type { MigrationInterface, QueryRunner } from 'typeorm';

import type { Migration } from '../migrations-runner';

/** `current_tenant()`: whose rows this database transaction may touch; an error when nobody said. */
class Foundation1763700000000 implements MigrationInterface {
  readonly name = 'Foundation1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
      DECLARE tenant text := current_setting('app.tenant_id', true);
      BEGIN
        -- A pooled connection that once had a tenant reports an empty text, not a missing one.
        IF tenant IS NULL OR tenant = '' THEN
          RAISE EXCEPTION 'no tenant in this database transaction' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN tenant::uuid;
      END $$`);
    // One entry of a row's history: what it became, when, by whom, why.
    await runner.query(`
      CREATE FUNCTION history_entry(status text, actor text, reason text) RETURNS jsonb
      LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
          'status', status, 'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'actor', actor, 'reason', nullif(reason, ''))))
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION history_entry(text, text, text)');
    await runner.query('DROP FUNCTION current_tenant()');
  }
}

export const foundationMigrations: readonly Migration[] = [Foundation1763700000000];
