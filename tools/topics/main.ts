import { readSettings } from '@libs/config';
import { BROKER_SETTINGS, brokerOptionsOf, createTopics } from '@libs/eventing';
import { silentLogger } from '@libs/observability';

const USAGE = `npm run topics    creates the topics that are missing on the brokers of the environment (EVENT_BROKER_TYPE=KAFKA, BROKER_URLS and
                  KAFKA_SECURITY_PROTOCOL with what it asks for); what is there stays as it is. Run it any number of times.`;

/** `npm run topics`: creates the topics that are missing on the brokers of the environment, any number of times. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return;
  }
  const broker = brokerOptionsOf(readSettings(BROKER_SETTINGS));
  if (broker.type === 'POSTGRES') {
    console.log('Events go over PostgreSQL (EVENT_BROKER_TYPE), which needs no topics.');
    return;
  }
  const created = await createTopics(broker, silentLogger);
  console.log(created.length === 0 ? 'All topics are there.' : `Created ${created.join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
