import { newId } from '@libs/kernel';
import { MessageRepository, type NewMessage } from '@libs/messages';
import { Database, UnitOfWork } from '@libs/persistence';
import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

import { givenPerson, givenTenant, type Tenant } from './testing/given-people';

const ROOT = path.join(__dirname, '..', '..', '..');
const IN_FLIGHT_MAX = 7;
const MESSAGES = 1_500;
/** Any number. */
const HOLD = 480_213;
const HELD = `pg_locks WHERE locktype = 'advisory' AND objid = ${String(HOLD)} AND NOT granted`;
const key = randomBytes(32);

let database: TestDatabase;
let superuser: Client;
let tenant: Tenant;
const started: ChildProcess[] = [];
const output: string[] = [];

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(ROOT, 'tools', 'build.cjs')]);
  database = await testDatabase();
  superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  tenant = await givenTenant(superuser);
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await superuser.end();
  await database.drop();
});

const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  DATABASE_URL: database.url('messaging'),
  NETWORK_PASSPHRASE: 'Standalone Network ; February 2017',
  MESSAGING_PORT: '0',
  SEP10_SIGNING_PRIVATE_KEY: Keypair.random().secret(),
  MESSAGE_ENCRYPTION_KEY: key.toString('hex'),
  MESSAGES_IN_FLIGHT_MAX: String(IN_FLIGHT_MAX),
  ...more,
});

const main = path.join(ROOT, 'dist', 'apps', 'messaging', 'src', 'main.js');

/** A process of messaging that is up; resolves with it and its port. */
async function startProcess(
  more: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [main], {
    env: environment(more),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      output.push(line);
      const found = /"port":([0-9]+).*messaging has started/.exec(line);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  return { child, port };
}

const countOf = async (from: string): Promise<number> => {
  const { rows } = await superuser.query<{ count: string }>(`SELECT count(*) FROM ${from}`);
  return Number(rows[0]?.count);
};
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await delay(5);
};

/** Once so many are recorded as sent no more results can be recorded, so that the kill comes in the middle on any machine. */
async function holdResultsAfter(messages: number): Promise<void> {
  await superuser.query('SELECT pg_advisory_lock($1)', [HOLD]);
  await superuser.query(
    `CREATE FUNCTION messages.hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
       IF (SELECT count(*) FROM messages.messages WHERE status = 'SUCCESS') >= ${String(messages)} THEN
         PERFORM pg_advisory_xact_lock_shared(${String(HOLD)});
       END IF;
       RETURN NEW;
     END $$`,
  );
  await superuser.query(
    `CREATE TRIGGER hold BEFORE UPDATE ON messages.messages
       FOR EACH ROW WHEN (NEW.status = 'SUCCESS') EXECUTE FUNCTION messages.hold()`,
  );
}

/** The sessions of the dead process still wait there; what they had in hand is not kept. */
async function letResultsGo(): Promise<void> {
  await superuser.query(`SELECT pg_terminate_backend(pid) FROM ${HELD}`);
  await until(async () => (await countOf(HELD)) === 0);
  await superuser.query('DROP TRIGGER hold ON messages.messages');
  await superuser.query('SELECT pg_advisory_unlock($1)', [HOLD]);
}

describe('the process of messaging', () => {
  it('sends each message at least once after a kill in the middle, and no more than those in flight twice', async () => {
    const owner = new Database({ url: database.url('messaging'), applicationName: 'test' });
    const work = new UnitOfWork(owner);
    const { receiverWalletId } = await givenPerson(superuser, tenant);
    const messages = Array.from({ length: MESSAGES }, (_, number) => messageTo(receiverWalletId, number));
    const context = { tenantId: tenant.id, actor: 'system:test', trace: '' };
    await work.run(context, (tx) => new MessageRepository(key).store(tx, messages));

    await holdResultsAfter(100);
    const first = await startProcess();
    await until(async () => (await countOf(HELD)) > 0);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    await letResultsGo();
    const sentBefore = await countOf('messages.dry_run_outbox');
    expect(sentBefore).toBeGreaterThanOrEqual(100);
    expect(sentBefore).toBeLessThan(MESSAGES);
    expect(await countOf(`messages.messages WHERE status = 'SENDING'`)).toBeLessThanOrEqual(IN_FLIGHT_MAX);
    // The leases of the dead process end; waiting for it would only take time.
    await superuser.query(`UPDATE messages.messages SET lease_until = now() WHERE status = 'SENDING'`);

    // What the first one left is opened although the key is another one by now.
    const newKey = randomBytes(32).toString('hex');
    const second = await startProcess({
      MESSAGE_ENCRYPTION_KEY: newKey,
      MESSAGE_ENCRYPTION_KEYS_READABLE: key.toString('hex'),
    });
    await until(
      async () =>
        (await countOf(`messages.messages WHERE status = 'SUCCESS' AND kind = 'one_time_code'`)) === MESSAGES,
    );
    const { rows } = await superuser.query<{ sent: string; twice: string }>(
      `SELECT count(DISTINCT message_id) AS sent, count(*) - count(DISTINCT message_id) AS twice
         FROM messages.dry_run_outbox WHERE kind = 'one_time_code'`,
    );
    expect(Number(rows[0]?.sent)).toBe(MESSAGES);
    expect(Number(rows[0]?.twice)).toBeGreaterThan(0);
    expect(Number(rows[0]?.twice)).toBeLessThanOrEqual(IN_FLIGHT_MAX);

    // An invitation that an event asks for goes the whole way.
    const person = await givenPerson(superuser, tenant);
    await publishInvitation(context, person);
    const listed = async (): Promise<{ status: number; body: string }> => {
      const recipient = encodeURIComponent(person.phoneNumber);
      const response = await fetch(
        `http://127.0.0.1:${String(second.port)}/outbox?recipient=${recipient}&limit=5`,
      );
      return { status: response.status, body: await response.text() };
    };
    await until(async () => (await listed()).body.includes('http://pay.test/r/'));
    expect((await listed()).status).toBe(200);
    expect(JSON.parse(outboxAsComposeSaysIt(second.port))).toHaveProperty('messages.length', 20);
    const asked = await fetch(`http://127.0.0.1:${String(second.port)}/metrics`);
    expect(await asked.text()).toContain(
      'distributary_messages_total{kind="one_time_code",result="delivered"}',
    );

    second.child.kill('SIGTERM');
    const [code] = (await once(second.child, 'exit')) as [number | null];
    expect(code).toBe(0);
    const printed = output.join('\n');
    for (const secret of [person.phoneNumber, '+14155550', key.toString('hex'), newKey, 'secret text']) {
      expect(printed).not.toContain(secret);
    }
    expect(output.every((line) => line.startsWith('{'))).toBe(true);
    await owner.close();
  });

  it('stops at the start with every bad setting, DRY_RUN on the public network among them', async () => {
    const child = spawn(process.execPath, [main], {
      env: environment({
        NETWORK_PASSPHRASE: 'Public Global Stellar Network ; September 2015',
        MESSAGES_IN_FLIGHT_MAX: 'many',
      }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    started.push(child);
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(1);
    expect(printed).toContain('MESSAGES_IN_FLIGHT_MAX must be a whole number');
    expect(printed).toContain('SMS_SENDER_TYPE=DRY_RUN is refused on the public network');
  });
});

/** Runs the command that the head of docker-compose.yml gives to whoever wants to read the outbox, as in the container. */
function outboxAsComposeSaysIt(port: number): string {
  const compose = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');
  const command = /^# +docker compose exec messaging (node .+)$/m.exec(compose)?.[1] ?? 'false';
  return execFileSync('/bin/sh', ['-c', command.replace(':8006', `:${String(port)}`)], { encoding: 'utf8' });
}

async function publishInvitation(
  context: { tenantId: string; actor: string; trace: string },
  person: { disbursementId: string; receiverWalletId: string },
): Promise<void> {
  const core = new Database({ url: database.url('disbursementCore'), applicationName: 'test' });
  await new UnitOfWork(core).run(context, (tx) =>
    new Outbox().publish(tx, receiverWalletNewInvitationV1, {
      type: 'batch-receiver-wallet-sms-invitation',
      key: person.disbursementId,
      data: { disbursement_id: person.disbursementId, receiver_wallet_ids: [person.receiverWalletId] },
    }),
  );
  await core.close();
}

function messageTo(receiverWalletId: string, number: number): NewMessage {
  return {
    id: newId(),
    kind: 'one_time_code',
    contacts: { phoneNumber: `+14155550${String(number).padStart(4, '0')}`, email: null },
    channels: ['SMS'],
    title: '',
    body: 'secret text',
    receiverWalletId,
  };
}
