import type { Certificates } from './certificates';

/** One TCP port on 127.0.0.1 per listener. */
export interface Ports {
  readonly plaintext: number;
  readonly saslPlaintext: number;
  readonly saslSsl: number;
  readonly ssl: number;
  readonly controller: number;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface BrokerConfiguration {
  readonly ports: Ports;
  readonly credentials: Credentials;
  readonly certificates: Certificates;
  readonly logFolder: string;
}

/** The text of server.properties: one KRaft node that is broker and controller, reachable from this machine only. */
export function serverProperties({
  ports,
  credentials,
  certificates,
  logFolder,
}: BrokerConfiguration): string {
  const listeners = [
    `PLAINTEXT://127.0.0.1:${ports.plaintext}`,
    `SASL_PLAINTEXT://127.0.0.1:${ports.saslPlaintext}`,
    `SASL_SSL://127.0.0.1:${ports.saslSsl}`,
    `SSL://127.0.0.1:${ports.ssl}`,
  ].join();
  return propertiesText({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `${listeners},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': listeners,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'log.dirs': logFolder,
    ...ONE_NODE,
    ...saslSettings(credentials),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.brokerFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.caFile,
    // SASL_SSL clients show a password, SSL clients a certificate.
    'listener.name.ssl.ssl.client.auth': 'required',
  });
}

const ONE_NODE = {
  // Topics are made by an explicit step (`npm run topics`): a mistyped name must be an error.
  'auto.create.topics.enable': 'false',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '3',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  // After kill −9 a broker is refused until its old session ends: the default of 9 s would be waited out each time.
  'broker.session.timeout.ms': '1500',
  'broker.heartbeat.interval.ms': '250',
  'log.cleaner.dedupe.buffer.size': '2097152',
  'num.network.threads': '2',
  'num.io.threads': '4',
};

function saslSettings({ username, password }: Credentials): Record<string, string> {
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const settings: Record<string, string> = { 'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512' };
  for (const listener of ['sasl_plaintext', 'sasl_ssl']) {
    settings[`listener.name.${listener}.plain.sasl.jaas.config`] = plain;
    settings[`listener.name.${listener}.scram-sha-256.sasl.jaas.config`] = scram;
    settings[`listener.name.${listener}.scram-sha-512.sasl.jaas.config`] = scram;
  }
  return settings;
}

/** A backslash starts an escape in a properties file. */
const propertiesText = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
