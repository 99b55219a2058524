import type { QueryRunner } from 'typeorm';

/** Storage parameters of a table, by their names in PostgreSQL. */
type VacuumSettings = Readonly<Record<string, number>>;

/** For tables that grow with payments and whose rows change several times: two in a hundred are much of a million. */
export const OFTEN_VACUUMED = {
  autovacuum_vacuum_scale_factor: 0.02,
  autovacuum_vacuum_threshold: 5_000,
  autovacuum_vacuum_insert_scale_factor: 0.05,
  autovacuum_analyze_scale_factor: 0.02,
};

/** For tables with a row for each hundred payments: a share of them, and few enough of those that there are in the first hour. */
export const OFTEN_VACUUMED_OF_FEW = { ...OFTEN_VACUUMED, autovacuum_vacuum_threshold: 500 };

/** For tables of few rows that change all the time: by a share of so few, dead rows would outnumber them. */
export const SMALL_AND_HOT = {
  autovacuum_vacuum_scale_factor: 0,
  autovacuum_vacuum_threshold: 1_000,
};

/**
 * Has each of these tables vacuumed so, in a migration. By the defaults, a table of a million rows is vacuumed after two hundred
 * thousand changes: its indexes would be bloated by then.
 */
export async function setVacuum(
  runner: QueryRunner,
  tables: Readonly<Record<string, VacuumSettings>>,
): Promise<void> {
  for (const [table, settings] of Object.entries(tables)) {
    const parameters = Object.entries(settings).map(([name, value]) => `${name} = ${String(value)}`);
    await runner.query(`ALTER TABLE ${table} SET (${parameters.join(', ')})`);
  }
}

/** Takes that back: the defaults again. */
export async function resetVacuum(
  runner: QueryRunner,
  tables: Readonly<Record<string, VacuumSettings>>,
): Promise<void> {
  for (const [table, settings] of Object.entries(tables)) {
    await runner.query(`ALTER TABLE ${table} RESET (${Object.keys(settings).join(', ')})`);
  }
}
