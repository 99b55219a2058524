import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { operatorName } from '@libs/config';
import { isAccountAddress } from '@libs/ledger';
import { type ChannelPopulation, CHANNELS_MAX, type ChannelView } from '@libs/submissions';

import { isSettled } from '../channels/channel-population.service';
import { ChannelVerification } from '../channels/channel-verification';
import { type LedgerPlatform, runLedgerCommand } from './ledger-command';
import {
  CommandError,
  LOOK_EVERY_MS,
  tellFailure,
  tellProgress,
  UNFINISHED,
  waitMsOf,
} from './operator-command';

const USAGE = `Channel accounts lend their sequence numbers, so that as many ledger transactions can be on their way at once. The host
account sponsors their reserve and gets it back when they are merged. All tenants share them.

  npm run channel-accounts -- create <n>        <n> more
  npm run channel-accounts -- ensure <n>        as many as <n>: makes some, or takes some out of service and merges them
  npm run channel-accounts -- delete --channel-account-id <address>
  npm run channel-accounts -- delete --delete-all-accounts
  npm run channel-accounts -- verify [--delete-invalid-accounts]
  npm run channel-accounts -- view [--all]      --all: also those that were merged

  --wait <seconds>   how long to wait for the ledger, 600 when left out; 0 only writes down what is wanted
  --json             machine-readable

<n> is from 1 to ${String(CHANNELS_MAX)}. The number is kept: the running app keeps to it too, until NUM_CHANNEL_ACCOUNTS gets another value.
One that still carries payments is merged only when the ledger has decided about them, so transaction-submission must be
running for that. Killed at any point, the command can be repeated; the app finishes the work as well.

Needs the settings of transaction-submission: DATABASE_URL, NETWORK_PASSPHRASE, HORIZON_URL, and DISTRIBUTION_SEED with
KEY_ENCRYPTION_KEY, or SIGNER_SOCKET.`;

const OPTIONS = {
  'channel-account-id': { type: 'string' },
  'delete-all-accounts': { type: 'boolean', default: false },
  'delete-invalid-accounts': { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  wait: { type: 'string', default: '600' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Order {
  readonly command: string;
  readonly count: number;
  readonly address: string | undefined;
  readonly deleteAll: boolean;
  readonly deleteInvalid: boolean;
  readonly all: boolean;
  readonly waitMs: number;
  readonly json: boolean;
}

/** Throws `CommandError` for everything that can be wrong with a command line. */
function parseOrder(args: readonly string[]): Order | null {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [command = '', count, ...more] = positionals;
  if (values.help) return null;
  if (!['create', 'ensure', 'delete', 'verify', 'view'].includes(command)) throw new CommandError(USAGE);
  const takesCount = command === 'create' || command === 'ensure';
  if (more.length > 0 || (count !== undefined && !takesCount))
    throw new CommandError(`too many words: ${[count, ...more].join(' ')}`);
  if (takesCount && !isCount(count))
    throw new CommandError(`${command} needs a whole number from 1 to ${String(CHANNELS_MAX)}`);
  const address = values['channel-account-id'];
  if (command === 'delete' && (address === undefined) !== values['delete-all-accounts'])
    throw new CommandError('delete needs either --channel-account-id <address> or --delete-all-accounts');
  if (address !== undefined && !isAccountAddress(address))
    throw new CommandError(`${address} is not the address of a ledger account (G…)`);
  return {
    command,
    count: Number(count ?? 0),
    address,
    deleteAll: values['delete-all-accounts'],
    deleteInvalid: values['delete-invalid-accounts'],
    all: values.all,
    waitMs: waitMsOf(values.wait),
    json: values.json,
  };
}

const isCount = (text: string | undefined): boolean =>
  text !== undefined && /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= CHANNELS_MAX;

/** Writes down how many are wanted from now on. One named account is taken out of service in the same step. */
async function write({ context, rows }: LedgerPlatform, order: Order): Promise<void> {
  await context.uow.runSystem('an operator says how many channel accounts are wanted', async (tx) => {
    const usable = await rows.lockAndCount(tx);
    const wanted = { create: usable + order.count, ensure: order.count, delete: 0 }[order.command] ?? usable;
    if (wanted > CHANNELS_MAX)
      throw new CommandError(
        `there are ${String(usable)}: ${String(order.count)} more would be above ${String(CHANNELS_MAX)}`,
      );
    if (order.address === undefined) {
      await rows.want(tx, wanted, operatorName());
      return;
    }
    const drained = await rows.drainNamed(tx, [order.address], operatorName());
    if (drained.length > 0) await rows.want(tx, usable - 1, operatorName());
    else if (!(await rows.view(tx, { retired: true })).some((one) => one.address === order.address))
      throw new CommandError(`${order.address} is not one of our channel accounts`);
  });
}

/** Works until there are as many as wanted, or the time is over. False then. */
async function settle({ population, lock }: LedgerPlatform, waitMs: number): Promise<boolean> {
  const until = performance.now() + waitMs;
  let told = '';
  for (;;) {
    const now = await population.population();
    const text = progressOf(now);
    if (text !== told) tellProgress(text);
    told = text;
    if (isSettled(now) && now.draining === 0) return true;
    if (performance.now() >= until) return false;
    const worked = !isSettled(now) && (await lock.tryWith(() => population.converge()));
    if (!worked) await pause(LOOK_EVERY_MS);
  }
}

function progressOf({ wanted, usable, missingOnLedger, drained, draining }: ChannelPopulation): string {
  const parts = [`${String(usable - missingOnLedger)} of ${String(wanted)} on the ledger`];
  if (drained > 0) parts.push(`${String(drained)} to be merged`);
  if (draining > 0)
    parts.push(
      `${String(draining)} carry payments that the ledger has not decided (transaction-submission must run)`,
    );
  return parts.join(', ');
}

async function view({ context, rows }: LedgerPlatform, order: Order): Promise<void> {
  const found = await context.uow.runSystem('an operator looks at channel accounts', (tx) =>
    rows.view(tx, { retired: order.all }),
  );
  if (order.json) process.stdout.write(`${JSON.stringify(found.map(jsonOf))}\n`);
  else for (const one of found) process.stdout.write(`${lineOf(one)}\n`);
  if (!order.json && found.length === 0)
    process.stdout.write('There are no channel accounts: npm run channel-accounts -- ensure <n>\n');
}

const jsonOf = (one: ChannelView): object => ({
  address: one.address,
  status: one.status,
  on_ledger: one.onLedger,
  owner: one.owner,
  sequence: one.sequence === null ? null : String(one.sequence),
  live_attempt: one.liveAttempt,
  created_at: one.createdAt,
});

const lineOf = (one: ChannelView): string =>
  [
    one.address,
    one.status.padEnd(8),
    one.onLedger ? 'on the ledger' : one.status === 'RETIRED' ? 'merged' : 'planned',
    one.liveAttempt === null ? 'idle' : `carries attempt ${one.liveAttempt}`,
  ].join('  ');

async function verify(platform: LedgerPlatform, order: Order): Promise<void> {
  const verification = new ChannelVerification(platform.context, platform);
  const findings = await verification.run();
  const retired = order.deleteInvalid ? await verification.retireMissing(findings, operatorName()) : 0;
  if (order.json) process.stdout.write(`${JSON.stringify({ findings, retired })}\n`);
  else {
    for (const { address, problem } of findings) process.stdout.write(`${address}  ${problem}\n`);
    process.stdout.write(
      `${String(findings.length)} problems, ${String(retired)} accounts taken out of the list\n`,
    );
  }
  if (findings.length > retired) process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<void> {
  const order = parseOrder(args);
  if (order === null) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  await runLedgerCommand(async (platform) => {
    if (order.command === 'view') {
      await view(platform, order);
      return;
    }
    if (order.command === 'verify') {
      await verify(platform, order);
      return;
    }
    await write(platform, order);
    const isDone = await settle(platform, order.waitMs);
    if (order.json) process.stdout.write(`${JSON.stringify(await platform.population.population())}\n`);
    else process.stdout.write(`${progressOf(await platform.population.population())}\n`);
    if (isDone) return;
    tellProgress('not finished yet: repeat the command to wait on, or leave it to transaction-submission');
    process.exitCode = UNFINISHED;
  });
}

main(process.argv.slice(2)).catch(tellFailure);
