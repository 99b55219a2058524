import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Certificates, ensureCertificates } from './certificates';
import { newClusterId } from './cluster-id';
import { ensureJars } from './jars';
import { LocalKafkaError } from './local-kafka.errors';
import { isOfOldJava, OLD_JAVA, run, whatIsMissing } from './programs';
import { kafkaFolder } from './project-folder';
import { type Credentials, type Ports, serverProperties } from './server-properties';

/** A running broker, as broker.json in its data folder describes it. Addresses are `host:port`. */
export interface Broker extends Credentials {
  readonly pid: number;
  readonly dataFolder: string;
  readonly addresses: Readonly<Record<Exclude<keyof Ports, 'controller'>, string>>;
  readonly certificates: Certificates;
}

export interface BrokerOptions {
  /** Must be absolute. A broker that is started again on the same folder has the same topics, records and ports. */
  readonly dataFolder: string;
  /** The port of the PLAINTEXT listener; when it is left out, the one of the first start, which was free then. */
  readonly port?: number;
}

const START_TIMEOUT_MS = 60_000;
const USERNAME = 'alice';

/**
 * Starts one real Apache Kafka broker in KRaft mode and waits until it serves; a running one is returned as it is.
 *
 * The process is detached: it lives until `stopBroker` or `killBroker`, also over the end of this process.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const running = findBroker(options.dataFolder);
  if (running !== undefined) return running;
  const missing = whatIsMissing();
  if (missing !== undefined) throw new LocalKafkaError(missing);
  // A start that was cut off leaves a process that nobody waits for.
  await killBroker(options.dataFolder);
  const prepared = await prepare(options);
  const { child, logFile } = launch(prepared);
  const described = describeBroker(prepared, child.pid ?? 0);
  writeBroker({ ...described, ready: false });
  await untilItServes(child, { logFile, ports: prepared.ports });
  writeBroker({ ...described, ready: true });
  return described;
}

/** The broker that serves on this folder now, whoever started it. */
export function findBroker(dataFolder: string): Broker | undefined {
  const found = readBroker(dataFolder);
  return found?.ready === true ? found : undefined;
}

/** The process of the broker on this folder, also while it starts. */
export const brokerProcess = (dataFolder: string): number | undefined => readBroker(dataFolder)?.pid;

function readBroker(dataFolder: string): (Broker & { readonly ready: boolean }) | undefined {
  const file = brokerFile(dataFolder);
  if (!fs.existsSync(file)) return undefined;
  const broker = JSON.parse(fs.readFileSync(file, 'utf8')) as Broker & { readonly ready: boolean };
  return isBrokerOf(broker) ? broker : undefined;
}

function writeBroker(broker: Broker & { readonly ready: boolean }): void {
  const file = brokerFile(broker.dataFolder);
  fs.writeFileSync(`${file}.new`, JSON.stringify(broker, null, 2), { mode: 0o600 });
  // A reader sees the old description or the new one, never half of it.
  fs.renameSync(`${file}.new`, file);
}

function describeBroker({ dataFolder, ports, credentials, certificates }: Prepared, pid: number): Broker {
  return {
    pid,
    dataFolder,
    addresses: {
      plaintext: `127.0.0.1:${ports.plaintext}`,
      saslPlaintext: `127.0.0.1:${ports.saslPlaintext}`,
      saslSsl: `127.0.0.1:${ports.saslSsl}`,
      ssl: `127.0.0.1:${ports.ssl}`,
    },
    ...credentials,
    certificates,
  };
}

/** Stops it in an orderly way and waits for its end. False when none was running. */
export async function stopBroker(dataFolder: string): Promise<boolean> {
  return await endBroker(dataFolder, ['SIGTERM', 'SIGKILL']);
}

/** What a power cut would do to it. */
export async function killBroker(dataFolder: string): Promise<boolean> {
  return await endBroker(dataFolder, ['SIGKILL']);
}

async function endBroker(dataFolder: string, signals: readonly NodeJS.Signals[]): Promise<boolean> {
  const broker = readBroker(dataFolder);
  if (broker === undefined) return false;
  for (const signal of signals) {
    const until = performance.now() + 20_000;
    if (isBrokerOf(broker)) process.kill(broker.pid, signal);
    while (performance.now() < until) {
      if (!isBrokerOf(broker)) return true;
      await pause(20);
    }
  }
  throw new LocalKafkaError(`The Kafka broker (process ${broker.pid}) does not stop.`);
}

const brokerFile = (dataFolder: string): string => path.join(dataFolder, 'broker.json');
const propertiesFile = (dataFolder: string): string => path.join(dataFolder, 'server.properties');

/** The pid may belong to another program by now: the command line of ours names its properties file. */
function isBrokerOf({ pid, dataFolder }: Pick<Broker, 'pid' | 'dataFolder'>): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(propertiesFile(dataFolder));
  } catch {
    return false;
  }
}

interface Prepared {
  readonly dataFolder: string;
  readonly jars: string;
  readonly certificates: Certificates;
  readonly ports: Ports;
  readonly credentials: Credentials;
}

/** Everything that must be there before the first start, and is kept for the later ones. */
async function prepare({ dataFolder, port }: BrokerOptions): Promise<Prepared> {
  const jars = await ensureJars(kafkaFolder());
  const certificates = await ensureCertificates(kafkaFolder());
  const kept = path.join(dataFolder, 'kept.json');
  if (!fs.existsSync(kept)) {
    const first = { ports: await freePorts(port), credentials: newCredentials() };
    await format({ dataFolder, jars, certificates, ...first });
    fs.writeFileSync(kept, JSON.stringify(first), { mode: 0o600 });
  }
  const { ports: first, credentials } = JSON.parse(fs.readFileSync(kept, 'utf8')) as Pick<
    Prepared,
    'ports' | 'credentials'
  >;
  // What is stored does not depend on the port, so a caller may move the broker to another one.
  const ports = { ...first, plaintext: port ?? first.plaintext };
  writeProperties({ dataFolder, jars, certificates, ports, credentials });
  return { dataFolder, jars, certificates, ports, credentials };
}

function newCredentials(): Credentials {
  return { username: USERNAME, password: randomBytes(12).toString('hex') };
}

function writeProperties({ dataFolder, certificates, ports, credentials }: Prepared): void {
  const logFolder = path.join(dataFolder, 'log');
  const text = serverProperties({ ports, credentials, certificates, logFolder });
  fs.writeFileSync(propertiesFile(dataFolder), text, { mode: 0o600 });
}

/** Makes the node's storage, with the passwords of SCRAM in it. What it prints holds stored keys: not for a log. */
async function format(prepared: Prepared): Promise<void> {
  const { dataFolder, jars, credentials } = prepared;
  fs.rmSync(path.join(dataFolder, 'log'), { recursive: true, force: true });
  fs.mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  writeProperties(prepared);
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${credentials.username},password=${credentials.password}]`,
  ]);
  const tool = [
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    path.join(jars, '*'),
    'kafka.tools.StorageTool',
  ];
  await run(
    'java',
    [...tool, 'format', '-t', newClusterId(), '-c', propertiesFile(dataFolder), ...scram],
    dataFolder,
  );
}

interface Launched {
  readonly child: ChildProcess;
  readonly logFile: string;
}

function launch({ dataFolder, jars }: Prepared): Launched {
  const logFile = path.join(dataFolder, 'broker.log');
  const log = fs.openSync(logFile, 'w', 0o600);
  const args = [...virtualMachineOptions(jars), '-cp', path.join(jars, '*')];
  args.push('kafka.Kafka', propertiesFile(dataFolder));
  const child = spawn('java', args, { cwd: dataFolder, detached: true, stdio: ['ignore', log, log] });
  fs.closeSync(log);
  return { child, logFile };
}

async function untilItServes(child: ChildProcess, place: { logFile: string; ports: Ports }): Promise<void> {
  const server = { ended: false };
  for (const event of ['exit', 'error']) {
    child.once(event, () => {
      server.ended = true;
    });
  }
  const until = performance.now() + START_TIMEOUT_MS;
  while (!server.ended && performance.now() < until) {
    if (/Kafka Server started/.test(fs.readFileSync(place.logFile, 'utf8'))) {
      child.unref();
      return;
    }
    await pause(25);
  }
  child.kill('SIGKILL');
  throw new LocalKafkaError(await explainFailure(place.logFile, place.ports));
}

/** Classes are archived once, at the end of the first broker: the later ones start in half the time. */
function virtualMachineOptions(jars: string): string[] {
  const archive = `${jars}.jsa`;
  const use = fs.existsSync(archive)
    ? `-XX:SharedArchiveFile=${archive}`
    : `-XX:ArchiveClassesAtExit=${archive}`;
  return [
    ...[
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      use,
      '-Xlog:cds=off',
      '-Xlog:cds+dynamic=off',
    ],
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
  ];
}

async function explainFailure(logFile: string, ports: Ports): Promise<string> {
  const log = fs.readFileSync(logFile, 'utf8');
  if (isOfOldJava(log)) return OLD_JAVA;
  for (const port of Object.values(ports) as number[]) {
    if (!(await isFree(port)))
      return `Port ${port} on 127.0.0.1, where Kafka should listen, is taken by another program.`;
  }
  const line = log.split('\n').find((text) => /ERROR|Exception/.test(text)) ?? '';
  return `The Kafka broker did not start (see ${logFile}). ${line}`.trim();
}

async function freePorts(plaintext: number | undefined): Promise<Ports> {
  return {
    plaintext: plaintext ?? (await freePort()),
    saslPlaintext: await freePort(),
    saslSsl: await freePort(),
    ssl: await freePort(),
    controller: await freePort(),
  };
}

async function freePort(): Promise<number> {
  const server = await listenOn(0);
  const address = server?.address();
  await new Promise((resolve) => server?.close(resolve));
  if (typeof address !== 'object' || address === null)
    throw new LocalKafkaError('There is no free TCP port.');
  return address.port;
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listenOn(port: number): Promise<net.Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
