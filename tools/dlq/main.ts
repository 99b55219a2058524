import { parseArgs } from 'node:util';

import { operatorName, readSettings } from '@libs/config';
import { type DeadLetter, type DeadLetterProblem, DeadLetters } from '@libs/eventing';
import { isId, type Result } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';

const USAGE = `Events that no handler could handle, on both transports (DATABASE_URL as the role of any app).

  npm run dlq -- list [--status OPEN|REPLAYED|DISCARDED|ALL] [--topic <topic>] [--limit <n>] [--json]
  npm run dlq -- show <id>
  npm run dlq -- replay <id> [<id> …]     send it again, byte for byte; who has handled it passes it by
  npm run dlq -- discard <id> [<id> …]    keep it for the record and never send it again`;

class UsageError extends Error {}

const STATUSES = ['OPEN', 'REPLAYED', 'DISCARDED'] as const;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      status: { type: 'string', default: 'OPEN' },
      topic: { type: 'string' },
      limit: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [command = '', ...ids] = positionals;
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined) throw new UsageError(`${wrong} is not the id of a dead letter.`);
  const commands: Readonly<Record<string, (letters: DeadLetters) => Promise<void>>> = {
    list: (letters) => list(letters, values),
    show: (letters) => show(letters, ids),
    replay: (letters) => close(ids, (id) => letters.replay(id, operatorName()), 'is sent again'),
    discard: (letters) => close(ids, (id) => letters.discard(id, operatorName()), 'is discarded'),
  };
  const work = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (work === undefined) throw new UsageError(USAGE);
  await withLetters(work);
}

async function withLetters(work: (letters: DeadLetters) => Promise<void>): Promise<void> {
  const { DATABASE_URL: url } = readSettings(['DATABASE_URL'] as const);
  const database = new Database({ url, applicationName: 'dlq', connectionsMax: 2 });
  try {
    await work(new DeadLetters(new UnitOfWork(database)));
  } finally {
    await database.close();
  }
}

interface ListOptions {
  readonly status: string;
  readonly topic?: string | undefined;
  readonly limit: string;
  readonly json: boolean;
}

async function list(letters: DeadLetters, { status, topic, limit, json }: ListOptions): Promise<void> {
  const known = STATUSES.find((one) => one === status);
  if (known === undefined && status !== 'ALL') throw new UsageError(`There is no status ${status}.`);
  if (!/^[1-9][0-9]{0,3}$/.test(limit)) throw new UsageError('--limit must be from 1 to 9999.');
  const found = await letters.list({
    ...(known === undefined ? {} : { status: known }),
    ...(topic === undefined ? {} : { topic }),
    limit: Number(limit),
  });
  if (json) {
    console.log(JSON.stringify(found.map(withoutBytes)));
    return;
  }
  for (const letter of found) {
    const { id, status: state, created_at: at, topic: on, consumer, reason } = letter;
    console.log(`${id}  ${at.toISOString()}  ${state.padEnd(9)}  ${on} → ${consumer}  ${reason}`);
  }
  if (found.length === 0) console.log('No dead letters.');
}

const withoutBytes = ({ value, ...rest }: DeadLetter): object => ({ ...rest, bytes: value.byteLength });

async function show(letters: DeadLetters, [id]: readonly string[]): Promise<void> {
  if (id === undefined) throw new UsageError('Which one? Give its id.');
  const letter = await letters.find(id);
  if (letter === null) throw new UsageError(`There is no dead letter ${id}.`);
  console.log(JSON.stringify({ ...withoutBytes(letter), value: readable(letter.value) }, null, 2));
}

/** The event itself when the bytes are JSON; otherwise base64, so that nothing of them is lost or hits the terminal. */
function readable(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return { base64: value.toString('base64') };
  }
}

async function close(
  ids: readonly string[],
  act: (id: string) => Promise<Result<DeadLetter, DeadLetterProblem>>,
  told: string,
): Promise<void> {
  if (ids.length === 0) throw new UsageError('Which one? Give its id.');
  for (const id of ids) {
    const result = await act(id);
    console.log(result.ok ? `${id} ${told} (${result.value.topic})` : `${id} is left alone: ${result.error}`);
    if (!result.ok) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
