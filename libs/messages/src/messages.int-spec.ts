import { newId } from '@libs/kernel';
import { Database, sealedFor, sealText, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { DryRunOutboxRepository } from './dry-run-outbox.repository';
import type { NewMessage } from './message';
import { MESSAGES_TABLE, MessageRepository } from './message.repository';
import { SendQueueRepository, UNREADABLE } from './send-queue.repository';
import { ShortLinkRepository } from './short-link.repository';

const key = randomBytes(32);
const messages = new MessageRepository(key);
const queue = new SendQueueRepository(key);
const outbox = new DryRunOutboxRepository(key);
const links = new ShortLinkRepository();

let database: TestDatabase;
let superuser: Client;
let messaging: Database;
let work: UnitOfWork;
let acme: string;
let other: string;

beforeAll(async () => {
  database = await testDatabase();
  superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  messaging = new Database({ url: database.url('messaging'), applicationName: 'test' });
  work = new UnitOfWork(messaging);
});

beforeEach(async () => {
  await superuser.query('DELETE FROM messages.messages');
  acme = await givenTenant();
  other = await givenTenant();
});

afterAll(async () => {
  await messaging.close();
  await superuser.end();
  await database.drop();
});

describe('stored messages', () => {
  it('hold nothing that can be read without the key', async () => {
    await store(acme, [invitation({ body: 'the text', title: 'the title' })]);
    const { rows } = await superuser.query<Record<string, unknown>>(
      'SELECT * FROM messages.messages WHERE tenant_id = $1',
      [acme],
    );
    const dump = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(rows).toHaveLength(1);
    for (const secret of ['+14155550100', 'the text', 'the title']) expect(dump).not.toContain(secret);
  });

  it('hold one invitation per receiver wallet, disbursement and round, also for direct payments', async () => {
    const wallet = newId();
    const first = { round: 0, cause: 'first' } as const;
    const again = invitation({ receiverWalletId: wallet, disbursementId: undefined, invitation: first });
    expect(await store(acme, [again])).toBe(1);
    expect(await store(acme, [{ ...again, id: newId() }])).toBe(0);
    expect(await store(acme, [{ ...again, id: newId(), invitation: { round: 1, cause: 'manual' } }])).toBe(1);
    expect(await store(acme, [{ ...again, id: newId(), disbursementId: newId() }])).toBe(1);
  });

  it('can be added by recipient-api, which cannot read them', async () => {
    const recipientApi = new Database({ url: database.url('recipientApi'), applicationName: 'test' });
    const recipientWork = new UnitOfWork(recipientApi);
    const stored = await recipientWork.run(context(acme), (tx) => messages.store(tx, [code()]));
    expect(stored).toBe(1);
    await expect(
      recipientWork.run(context(acme), (tx) => tx.query('SELECT id FROM messages.messages')),
    ).rejects.toThrow('permission denied');
    await recipientApi.close();
  });
});

describe('the queue of messages', () => {
  it('gives each message to one of many senders', async () => {
    const ids = await stored(
      acme,
      Array.from({ length: 20 }, () => invitation()),
    );
    const taken = await Promise.all(Array.from({ length: 5 }, () => take(acme, ids)));
    expect(
      taken
        .flat()
        .map((message) => message.id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(taken.flat()[0]).toMatchObject({
      contacts: { phoneNumber: '+14155550100', email: null },
      tryNumber: 1,
    });
  });

  it('puts codes before invitations, and lets organisations take turns', async () => {
    await stored(
      acme,
      Array.from({ length: 10 }, () => invitation()),
    );
    const [othersFirst] = await stored(other, [invitation()]);
    const [waitedFor] = await stored(acme, [code()]);
    const due = await work.runSystem('send messages', (tx) => queue.due(tx, 4));
    const mine = due.filter((ref) => ref.tenantId === acme || ref.tenantId === other);
    expect(mine[0]?.id).toBe(waitedFor);
    expect(mine.slice(0, 3).map((ref) => ref.id)).toContain(othersFirst);
  });

  it('counts a result only for the try it belongs to', async () => {
    const [id = ''] = await stored(acme, [code()]);
    await take(acme, [id]);
    const later = { id, tryNumber: 1, nextTryInMs: 0, reason: 'the provider was busy' };
    expect(await work.run(context(acme), (tx) => queue.notDelivered(tx, [later]))).toBe(1);
    expect(await take(acme, [id])).toMatchObject([{ tryNumber: 2 }]);
    expect(await work.run(context(acme), (tx) => queue.notDelivered(tx, [later]))).toBe(0);
    const accepted = { id, channel: 'SMS', providerMessageId: 'p-1' } as const;
    expect(await deliver(acme, { ...accepted, tryNumber: 1 })).toHaveLength(0);
    expect(await deliver(acme, { ...accepted, tryNumber: 2 })).toMatchObject([{ id, kind: 'one_time_code' }]);
    expect(await statusesOf(id)).toEqual(['PENDING', 'SENDING', 'PENDING', 'SENDING', 'SUCCESS']);
  });

  it('gives up what is too old to be of use instead of sending it', async () => {
    const [id = ''] = await stored(acme, [{ ...code(), expiresAt: new Date(Date.now() - 1_000) }]);
    expect(await take(acme, [id])).toEqual([]);
    expect(await statusesOf(id)).toEqual(['PENDING', 'FAILURE']);
  });

  it('opens what was sealed under an older key that it was given', async () => {
    const [id = ''] = await stored(acme, [code()]);
    const changed = new SendQueueRepository(randomBytes(32), [randomBytes(32), key]);
    const taken = await work.run(context(acme), (tx) => changed.take(tx, [id]));
    expect(taken).toMatchObject({ messages: [{ id }], unreadable: [] });
  });

  it.each<[string, string, (id: string) => Promise<unknown>]>([
    ['was sealed under a key that is not here', 'sealed under a key that is not here', sealAnew],
    ['somebody changed', 'the sealed value does not belong here or was changed', change],
  ])('gives a message up that %s, and hands out those beside it', async (_, error, spoil) => {
    const [broken = '', fine = ''] = await stored(acme, [code(), code()]);
    await spoil(broken);
    const taken = await work.run(context(acme), (tx) => queue.take(tx, [broken, fine]));
    expect(taken.messages.map(({ id }) => id)).toEqual([fine]);
    expect(taken.unreadable).toMatchObject([
      { id: broken, kind: 'one_time_code', error: { message: error } },
    ]);
    expect(await statusesOf(broken)).toEqual(['PENDING', 'SENDING', 'FAILURE']);
    const { rows } = await superuser.query(
      'SELECT tries, failure_reason, lease_until FROM messages.messages WHERE id = $1',
      [broken],
    );
    expect(rows).toEqual([{ tries: 1, failure_reason: UNREADABLE, lease_until: null }]);
  });

  it('finds a message whose sender died, once its lease has ended', async () => {
    const [id = ''] = await stored(acme, [code()]);
    await take(acme, [id]);
    const abandoned = async (): Promise<string[]> =>
      (await work.runSystem('recover messages', (tx) => queue.abandoned(tx, 100))).map((ref) => ref.id);
    expect(await abandoned()).not.toContain(id);
    await superuser.query(`UPDATE messages.messages SET lease_until = now() - interval '1 s' WHERE id = $1`, [
      id,
    ]);
    expect(await abandoned()).toContain(id);
  });

  it('leaves the messages of a deactivated organisation alone', async () => {
    const [id = ''] = await stored(acme, [code()]);
    await superuser.query(`UPDATE tenants.tenants SET status = 'DEACTIVATED' WHERE id = $1`, [acme]);
    const due = await work.runSystem('send messages', (tx) => queue.due(tx, 1_000));
    expect(due.map((ref) => ref.id)).not.toContain(id);
  });
});

describe('one organisation', () => {
  it('neither sees nor moves the messages, mails and links of another', async () => {
    const [id = ''] = await stored(acme, [code()]);
    expect(await take(other, [id])).toEqual([]);
    await take(acme, [id]);
    expect(await deliver(other, { id, tryNumber: 1, channel: 'SMS', providerMessageId: 'x' })).toEqual([]);
    const short = await work.run(context(acme), (tx) => links.codeFor(tx, 'https://x.example/1'));
    expect(await work.run(context(other), (tx) => links.urlOf(tx, short))).toBeNull();
    const rows = await work.run(context(other), (tx) => tx.query('SELECT * FROM messages.messages'));
    expect(rows).toEqual([]);
    await expect(
      work.run(context(other), (tx) =>
        tx.execute(`INSERT INTO messages.short_links VALUES ($1, 'abcdef', 'x', sha256('x'))`, [acme]),
      ),
    ).rejects.toThrow('row-level security');
  });
});

describe('short links', () => {
  it('keep their code, and lead back to the link', async () => {
    const url = `https://x.example/${newId()}`;
    const first = await work.run(context(acme), (tx) => links.codeFor(tx, url));
    const again = await work.run(context(acme), (tx) => links.codeFor(tx, url));
    expect(first).toMatch(/^[0-9a-z]{6}$/);
    expect(again).toBe(first);
    expect(await work.run(context(acme), (tx) => links.urlOf(tx, first))).toBe(url);
  });
});

describe('the outbox of DRY_RUN', () => {
  const send = async (tenantId: string, recipient: string, body: string): Promise<string> => {
    // Ids sort by the millisecond they were made in: two of the same one have no order.
    const sinceTheLast = Date.now();
    while (Date.now() === sinceTheLast) await new Promise((resume) => setImmediate(resume));
    return await work.run(context(tenantId), (tx) =>
      outbox.add(tx, {
        tenantId,
        messageId: newId(),
        kind: 'one_time_code',
        channel: 'EMAIL',
        recipient,
        title: 't',
        body,
      }),
    );
  };
  const list = async (query: Parameters<DryRunOutboxRepository['list']>[1]): Promise<string[]> =>
    (await work.runSystem('list the outbox', (tx) => outbox.list(tx, query))).map((one) => one.body);

  it('lists the newest first, by recipient, after a message or before it', async () => {
    const recipient = `${newId()}@x.example`;
    const first = await send(acme, recipient, 'one');
    await send(other, recipient, 'two');
    await send(acme, 'somebody@else.example', 'not mine');
    expect(await list({ recipient: ` ${recipient.toUpperCase()}`, limit: 10 })).toEqual(['two', 'one']);
    expect(await list({ recipient, since: first, limit: 10 })).toEqual(['two']);
    expect(await list({ recipient, limit: 1 })).toEqual(['two']);
    expect((await list({ limit: 2 }))[0]).toBe('not mine');
  });

  it('lists also what was kept under an older key that it was given', async () => {
    const id = await send(acme, `${newId()}@x.example`, 'from before');
    const changed = new DryRunOutboxRepository(randomBytes(32), [key]);
    const [newest] = await work.runSystem('list the outbox', (tx) => changed.list(tx, { limit: 1 }));
    expect(newest).toMatchObject({ id, body: 'from before' });
  });
});

const context = (tenantId: string) => ({ tenantId, actor: 'system:test', trace: '' });
const store = (tenantId: string, list: NewMessage[]): Promise<number> =>
  work.run(context(tenantId), (tx) => messages.store(tx, list));
const stored = async (tenantId: string, list: NewMessage[]): Promise<string[]> => {
  await store(tenantId, list);
  return list.map((message) => message.id);
};
const take = async (tenantId: string, ids: string[]) =>
  (await work.run(context(tenantId), (tx) => queue.take(tx, ids))).messages;
const deliver = (tenantId: string, result: Parameters<SendQueueRepository['deliver']>[1][number]) =>
  work.run(context(tenantId), (tx) => queue.deliver(tx, [result]));

/** As if it came from an app that was given another MESSAGE_ENCRYPTION_KEY. */
async function sealAnew(id: string): Promise<unknown> {
  return await superuser.query('UPDATE messages.messages SET body_sealed = $2 WHERE id = $1', [
    id,
    sealText(randomBytes(32), sealedFor(acme, MESSAGES_TABLE, id), 'body'),
  ]);
}

async function change(id: string): Promise<unknown> {
  return await superuser.query(
    `UPDATE messages.messages SET body_sealed = set_byte(body_sealed, 20, get_byte(body_sealed, 20) # 1) WHERE id = $1`,
    [id],
  );
}

async function statusesOf(id: string): Promise<string[]> {
  const { rows } = await superuser.query<{ status: string; history: { status: string }[] }>(
    'SELECT status, status_history AS history FROM messages.messages WHERE id = $1',
    [id],
  );
  const statuses = rows[0]?.history.map((entry) => entry.status) ?? [];
  expect(rows[0]?.status).toBe(statuses.at(-1));
  return statuses;
}

async function givenTenant(): Promise<string> {
  const id = newId();
  await superuser.query(
    `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type)
     VALUES ($1, $2, 'http://localhost', 'http://localhost', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
    [id, `t-${id.replace(/[^a-f]/g, '')}${randomBytes(6).toString('hex').replace(/[0-9]/g, 'x')}`],
  );
  return id;
}

function invitation(more: Partial<NewMessage> = {}): NewMessage {
  return {
    id: newId(),
    kind: 'invitation',
    contacts: { phoneNumber: '+14155550100', email: null },
    channels: ['SMS'],
    title: 'title',
    body: 'body',
    receiverId: newId(),
    receiverWalletId: newId(),
    disbursementId: newId(),
    invitation: { round: 0, cause: 'first' },
    ...more,
  };
}

function code(): NewMessage {
  const { receiverWalletId: _, invitation: __, ...rest } = invitation();
  return { ...rest, kind: 'one_time_code', expiresAt: new Date(Date.now() + 300_000) };
}
