import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { operatorName, readSettings } from '@libs/config';
import { isId } from '@libs/kernel';
import { ledgerKeyOf } from '@libs/ledger-stellar/submitter';
import type { UnitOfWork } from '@libs/persistence';
import {
  Holds,
  type KeyRotation,
  KeyRotationRepository,
  OperatorDecisionRepository,
  VaultRepository,
} from '@libs/submissions';
import { type Tenant, TenantsRepository } from '@libs/tenants';

import { HostKeyService } from '../keys/host-key.service';
import { KeyRotationError } from '../keys/key-rotation.errors';
import { KeyRotationService, type RotationOrder, type RotationStep } from '../keys/key-rotation.service';
import { type LedgerPlatform, runLedgerCommand } from './ledger-command';
import {
  CommandError,
  LOOK_EVERY_MS,
  reasonOf,
  runOperatorCommand,
  tellFailure,
  tellProgress,
  UNFINISHED,
  waitMsOf,
} from './operator-command';

const USAGE = `Replaces the key that signs for a tenant's distribution account. The account, its address and its money stay where they are.

  npm run distribution-account -- prepare --tenant <name or id>
      makes the next key in the vault and nothing else: take a backup that has it before you go on
  npm run distribution-account -- rotate --tenant <name or id> --reason "…" [--wait <seconds>]
      holds the tenant's payments, waits until the ledger has decided about those on their way, changes the key on the
      ledger, signs with the new one and lets payments go on
  npm run distribution-account -- abandon --tenant <name or id> --reason "…"
      gives a rotation up; only while it waits, before anything can have changed on the ledger
  npm run distribution-account -- rotate-host [--wait <seconds>]
      the same for the host account, whose seed is in the environment: needs DISTRIBUTION_SEED_NEXT, and paying stopped
  npm run distribution-account -- view [--json]
      rotations under way, then those that have ended

  --wait <seconds>   how long to wait for the ledger, 600 when left out
  --json             machine-readable

Killed at any point, rotate can be repeated: it goes on where it was, and the tenant is held until it is done. While payments are
on their way transaction-submission must be running, since it is what watches them. Exit code 2: not finished yet.

Needs the settings of transaction-submission: DATABASE_URL, NETWORK_PASSPHRASE, HORIZON_URL, and DISTRIBUTION_SEED with
KEY_ENCRYPTION_KEY, or SIGNER_SOCKET. The host account pays the fee.`;

const OPTIONS = {
  tenant: { type: 'string' },
  reason: { type: 'string' },
  wait: { type: 'string', default: '600' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Order {
  readonly command: string;
  readonly tenant: string;
  readonly reason: string;
  readonly waitMs: number;
  readonly json: boolean;
}

/** Throws `CommandError` for everything that can be wrong with a command line. Null when help is asked for. */
function parseOrder(args: readonly string[]): Order | null {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.help) return null;
  const [command = '', ...more] = positionals;
  if (!['prepare', 'rotate', 'abandon', 'rotate-host', 'view'].includes(command))
    throw new CommandError(USAGE);
  if (more.length > 0) throw new CommandError(`too many words: ${more.join(' ')}`);
  const tenant = values.tenant ?? '';
  const isOfTenant = ['prepare', 'rotate', 'abandon'].includes(command);
  if (isOfTenant && tenant === '') throw new CommandError(`${command} needs --tenant <name or id>`);
  const needsReason = command === 'rotate' || command === 'abandon';
  const reason = needsReason ? reasonOf(values.reason) : '';
  return { command, tenant, reason, waitMs: waitMsOf(values.wait), json: values.json };
}

async function findTenant(uow: UnitOfWork, named: string): Promise<Tenant> {
  const tenants = new TenantsRepository();
  const tenant = await uow.runSystem('the tenant that an operator names', async (tx) =>
    isId(named) ? await tenants.findById(tx, named) : await tenants.findByName(tx, named),
  );
  if (tenant === null) throw new CommandError(`there is no tenant ${named}`);
  return tenant;
}

const rotationOf = ({ context, keys, setup }: LedgerPlatform): KeyRotationService =>
  new KeyRotationService(context, {
    rotations: new KeyRotationRepository(),
    tenants: new TenantsRepository(),
    holds: new Holds(),
    vault: new VaultRepository(),
    decisions: new OperatorDecisionRepository(),
    keys,
    setup,
  });

/** Works until the key is replaced or the time is over. False then. */
async function finish(advance: () => Promise<RotationStep>, waitMs: number): Promise<boolean> {
  const until = performance.now() + waitMs;
  let told = '';
  for (;;) {
    const step = await advance();
    if (step.kind === 'done') return true;
    const text = progressOf(step);
    if (text !== told) tellProgress(text);
    told = text;
    if (performance.now() >= until) return false;
    if (step.kind === 'waiting') await pause(LOOK_EVERY_MS);
  }
}

function progressOf(step: RotationStep): string {
  if (step.kind !== 'waiting') return 'the key is being changed on the ledger';
  const until = step.until === null ? '' : `, at the latest after ${step.until.toISOString()}`;
  return `waiting for ${String(step.attempts)} envelopes that the ledger has not decided about${until} (transaction-submission must run)`;
}

async function rotate(platform: LedgerPlatform, tenant: Tenant, order: Order): Promise<void> {
  const rotation = rotationOf(platform);
  const full: RotationOrder = { tenantId: tenant.id, actor: operatorName(), reason: order.reason };
  const { account, newKey } = await rotation.begin(full);
  tellProgress(`nothing new is signed for ${tenant.name}: its key is being replaced`);
  const isDone = await finish(() => rotation.advance(full), order.waitMs);
  if (order.json)
    process.stdout.write(`${JSON.stringify({ tenant: tenant.name, account, key: newKey, done: isDone })}\n`);
  else if (isDone) process.stdout.write(`${newKey} signs for ${account}; payments of ${tenant.name} go on\n`);
  if (isDone) return;
  tellProgress(`not finished yet, and ${tenant.name} is held: repeat the command`);
  process.exitCode = UNFINISHED;
}

async function rotateHost({ context, keys, setup }: LedgerPlatform, order: Order): Promise<void> {
  const { DISTRIBUTION_SEED_NEXT: seed } = readSettings(['DISTRIBUTION_SEED_NEXT'] as const);
  if (seed === undefined)
    throw new CommandError(
      'DISTRIBUTION_SEED_NEXT is required: the seed that is to sign for the host account',
    );
  const { account } = keys.host;
  const { address: newKey } = ledgerKeyOf(seed);
  const host = new HostKeyService({ uow: context.uow, reader: context.reader, keys, setup });
  const isDone = await finish(() => host.advance(newKey), order.waitMs);
  if (order.json) process.stdout.write(`${JSON.stringify({ account, key: newKey, done: isDone })}\n`);
  else if (isDone)
    process.stdout.write(
      `${newKey} signs for ${account}. Now give the new seed as DISTRIBUTION_SEED, and ${account} as DISTRIBUTION_PUBLIC_KEY, to whoever holds the keys, restart it, and resume paying\n`,
    );
  if (!isDone) process.exitCode = UNFINISHED;
}

async function view(uow: UnitOfWork, json: boolean): Promise<void> {
  const { rotations, names } = await uow.runSystem('an operator looks at key rotations', async (tx) => ({
    rotations: await new KeyRotationRepository().list(tx),
    names: new Map((await new TenantsRepository().list(tx)).map(({ id, name }) => [id, name])),
  }));
  const named = rotations.map((one) => ({ ...one, tenant: names.get(one.tenantId) ?? one.tenantId }));
  if (json) process.stdout.write(`${JSON.stringify(named.map(jsonOf))}\n`);
  else for (const one of named) process.stdout.write(`${lineOf(one)}\n`);
  if (!json && named.length === 0) process.stdout.write('No key was ever replaced.\n');
}

type Named = KeyRotation & { readonly tenant: string };

const jsonOf = (one: Named): object => ({
  tenant: one.tenant,
  status: one.status,
  account: one.account,
  old_key: one.oldKey,
  new_key: one.newKey,
  created_at: one.createdAt,
  ended_at: one.endedAt,
});

const lineOf = (one: Named): string =>
  [one.createdAt.toISOString(), one.status.padEnd(9), one.tenant, `account ${one.account}`, one.newKey].join(
    '  ',
  );

async function main(args: readonly string[]): Promise<void> {
  const order = parseOrder(args);
  if (order === null) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (order.command === 'view') {
    await runOperatorCommand((uow) => view(uow, order.json));
    return;
  }
  await runLedgerCommand(async (platform) => {
    if (order.command === 'rotate-host') {
      await rotateHost(platform, order);
      return;
    }
    const tenant = await findTenant(platform.context.uow, order.tenant);
    if (order.command === 'rotate') {
      await rotate(platform, tenant, order);
      return;
    }
    const rotation = rotationOf(platform);
    if (order.command === 'abandon') {
      await rotation.abandon({ tenantId: tenant.id, actor: operatorName(), reason: order.reason });
      process.stdout.write(`given up: the old key signs on, and payments of ${tenant.name} go on\n`);
      return;
    }
    const { account, nextKey } = await rotation.prepare(tenant.id);
    process.stdout.write(
      order.json
        ? `${JSON.stringify({ tenant: tenant.name, account, next_key: nextKey })}\n`
        : `the next key of ${account} is ${nextKey}: take a backup of the database, then rotate\n`,
    );
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tellFailure(error instanceof KeyRotationError ? new CommandError(error.message) : error);
});
