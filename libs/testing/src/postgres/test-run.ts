/**
 * What one run of jest shares between its workers: a PostgreSQL server, and a name that all of its databases
 * start with. Workers inherit the environment of the process that starts them.
 */
export const RUN_VARIABLES = {
  serverUrl: 'TEST_SERVER_URL',
  name: 'TEST_RUN_NAME',
  folder: 'TEST_RUN_FOLDER',
} as const;

export interface TestRun {
  /** The database `postgres` of the run's server, as a superuser. */
  readonly serverUrl: string;
  readonly name: string;
  /** For files that the workers of this run share; removed at its end. */
  readonly folder: string;
}

/** The run that this test belongs to. */
export function testRun(): TestRun {
  const serverUrl = process.env[RUN_VARIABLES.serverUrl];
  const name = process.env[RUN_VARIABLES.name];
  const folder = process.env[RUN_VARIABLES.folder];
  if (serverUrl === undefined || name === undefined || folder === undefined) {
    throw new Error('There is no PostgreSQL in this project: name the test *.int-spec.ts or *.e2e-spec.ts.');
  }
  return { serverUrl, name, folder };
}
