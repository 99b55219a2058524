import type { Logger } from '@libs/observability';
import { Kafka, logLevel, type LogEntry, type SASLOptions } from 'kafkajs';

import type { KafkaBrokerOptions } from '../broker-options';
import { lookOnlyWhenSomethingWaits } from './quiet-connections';

lookOnlyWhenSomethingWaits();

const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Short waits: an outage is ridden out by the loops around the client, which say so in the log. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 };

export function kafkaClient(broker: KafkaBrokerOptions, clientId: string, logger: Logger): Kafka {
  const { sasl, tls } = broker;
  return new Kafka({
    clientId,
    brokers: [...broker.brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => logEntry(logger, entry),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
    ...(tls === undefined
      ? {}
      : {
          ssl: {
            ...(tls.ca === undefined ? {} : { ca: [tls.ca] }),
            ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
            ...(tls.key === undefined ? {} : { key: tls.key }),
          },
        }),
  });
}

function saslOptions({
  mechanism,
  username,
  password,
}: NonNullable<KafkaBrokerOptions['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}

/** The client calls an error what its own retries, or the loops around it, will mend: to us it is a warning at most. */
function logEntry(logger: Logger, { namespace, level, log }: LogEntry): void {
  const error: unknown = log['error'];
  const broker: unknown = log['broker'];
  const fields = { namespace, error, broker };
  if (level <= logLevel.WARN) logger.warn(fields, `kafka: ${log.message}`);
  else logger.debug(fields, `kafka: ${log.message}`);
}
