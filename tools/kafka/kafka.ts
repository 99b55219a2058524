import path from 'node:path';

import { findBroker, kafkaFolder, LocalKafkaError, startBroker, stopBroker } from '@libs/local-kafka';

/** `npm run kafka:up` and `npm run kafka:down`: one broker for this checkout, on free ports, any number of times. */
const dataFolder = path.join(kafkaFolder(), 'broker');

async function up(): Promise<void> {
  const wasRunning = findBroker(dataFolder) !== undefined;
  if (!wasRunning) console.log('Starting Apache Kafka …');
  const broker = await startBroker({ dataFolder });
  console.log(
    `Kafka ${wasRunning ? 'was already running' : 'runs'}: process ${broker.pid}, data in ${dataFolder}`,
  );
  console.log(`  PLAINTEXT       ${broker.addresses.plaintext}`);
  console.log(
    `  SASL_PLAINTEXT  ${broker.addresses.saslPlaintext}  (user ${broker.username}, password in broker.json)`,
  );
  console.log(`  SASL_SSL        ${broker.addresses.saslSsl}`);
  console.log(`  SSL             ${broker.addresses.ssl}  (with a client certificate)`);
  console.log(`Use it: BROKER_URLS=${broker.addresses.plaintext}   Stop it: npm run kafka:down`);
}

async function down(): Promise<void> {
  const stopped = await stopBroker(dataFolder);
  console.log(stopped ? 'Kafka is stopped; its data stays.' : 'Kafka was not running.');
}

const USAGE = `npm run kafka:up      starts one real Kafka broker for this checkout and says where it listens; a running one is left as it is
npm run kafka:down    stops it; its data stays`;

async function main(command: string | undefined): Promise<void> {
  if (process.argv.includes('--help')) console.log(USAGE);
  else if (command === 'up') await up();
  else if (command === 'down') await down();
  else throw new LocalKafkaError('Say `up` or `down`.');
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof LocalKafkaError ? error.message : error);
  process.exitCode = 1;
});
