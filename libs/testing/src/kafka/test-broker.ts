import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { type Broker, brokerProcess, startBroker, stopBroker } from '@libs/local-kafka';
import { Client } from 'pg';

import { testRun } from '../postgres/test-run';
import { brokerUrls } from './describe-with-kafka';

/** Any number: the worker that holds it starts the broker of the run, the others wait for it. */
const BROKER_LOCK = 902_114_734;

/**
 * The addresses (`host:port,…`, PLAINTEXT) of the broker that all suites of this run share. The first that asks
 * starts it; the run stops it. Use topics and groups of your own: others are on it too.
 */
export async function sharedBroker(): Promise<string> {
  const given = brokerUrls();
  if (given !== undefined) return given;
  const client = new Client({ connectionString: testRun().serverUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BROKER_LOCK]);
    const broker = await startBroker({ dataFolder: path.join(kafkaFolderOf(testRun().folder), 'shared') });
    return broker.addresses.plaintext;
  } finally {
    await client.end();
  }
}

/** A broker for one suite, to be stopped (`stopBroker`), killed (`killBroker`) and started again on its data folder. */
export async function ownBroker(): Promise<Broker> {
  const name = `own-${randomBytes(4).toString('hex')}`;
  return await startBroker({ dataFolder: path.join(kafkaFolderOf(testRun().folder), name) });
}

/** Stops every broker that the run of this folder started. */
export async function stopBrokersOf(runFolder: string): Promise<void> {
  const folder = kafkaFolderOf(runFolder);
  if (!fs.existsSync(folder)) return;
  await Promise.all(fs.readdirSync(folder).map((name) => stopBroker(path.join(folder, name))));
}

/** The processes of the brokers that the run of this folder started. */
export function brokersOf(runFolder: string): number[] {
  const folder = kafkaFolderOf(runFolder);
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => brokerProcess(path.join(folder, name)) ?? []);
}

const kafkaFolderOf = (runFolder: string): string => path.join(runFolder, 'kafka');
