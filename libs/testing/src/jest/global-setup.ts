import { whyKafkaIsLeftOut } from '../kafka/describe-with-kafka';
import { openTestRun } from './run-life';

/** Jest calls this once per run, and only when a project that uses PostgreSQL was selected. */
export default async function globalSetup(): Promise<void> {
  const reason = whyKafkaIsLeftOut();
  if (reason !== undefined) console.log(`The Kafka suites are left out. ${reason} Or set BROKER_URLS.`);
  await openTestRun();
}
