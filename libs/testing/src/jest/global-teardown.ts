import { closeTestRun } from './run-life';

/** Jest calls this once, after the last test of the run. */
export default async function globalTeardown(): Promise<void> {
  await closeTestRun();
}
