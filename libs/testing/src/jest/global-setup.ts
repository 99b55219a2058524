import { openTestRun } from '../postgres/test-run';

/** Jest calls this once per run, and only when a project that uses PostgreSQL was selected. */
export default async function globalSetup(): Promise<void> {
  await openTestRun();
}
