export { testDatabase, type TestDatabase, type TestDatabaseOptions } from './postgres/test-database';
export { type TestRun, testRun } from './postgres/test-run';
