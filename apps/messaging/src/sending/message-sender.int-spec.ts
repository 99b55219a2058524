import { newId } from '@libs/kernel';
import { MessageRepository, type Messenger, type NewMessage, SendQueueRepository } from '@libs/messages';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { InvitationStampsRepository } from '@libs/receivers';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { InvitationStandingsReadModel } from '../invitations/invitation-standings.read-model';
import { givenPerson, givenTenant, type Tenant } from '../testing/given-people';
import { MessageSender, type SenderDependencies } from './message-sender.service';
import { TRIES_MAX } from './retry-delay.policy';
import { SendResults } from './send-results.service';

const key = randomBytes(32);
const PATIENCE_MS = 60_000;
const LOOK_MS = 10;

describe('the sender of messages', () => {
  let database: TestDatabase;
  let superuser: Client;
  let messaging: Database;
  let work: UnitOfWork;
  let tenant: Tenant;

  beforeAll(async () => {
    database = await testDatabase();
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    messaging = new Database({ url: database.url('messaging'), applicationName: 'test' });
    work = new UnitOfWork(messaging);
    tenant = await givenTenant(superuser);
  });
  afterAll(async () => {
    await messaging.close();
    await superuser.end();
    await database.drop();
  });

  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error('it never came to that');
  };

  const senderTo = (
    messenger: Messenger,
    seen: Partial<Pick<SenderDependencies, 'log' | 'onResult'>> = {},
  ): MessageSender => {
    const queue = new SendQueueRepository(key);
    const onLost = (error: unknown): void => {
      throw error;
    };
    return new MessageSender(
      {
        work,
        queue,
        standings: new InvitationStandingsReadModel(),
        results: new SendResults({ work, queue, stamps: new InvitationStampsRepository(), onLost }),
        messengers: { SMS: messenger, EMAIL: messenger },
        log: silentLogger,
        ...seen,
      },
      { inFlightMax: 10, sweepEveryMs: 20 },
    );
  };

  it.each<[string, () => ReturnType<Messenger['send']>]>([
    ['asks to wait', () => Promise.resolve({ kind: 'retryLater', reason: 'too many at once' })],
    ['does not answer', () => Promise.reject(new Error('no route to the provider'))],
  ])(
    'gives a message up after six tries where its provider %s, each later than the one before',
    async (_, answer) => {
      const person = await givenPerson(superuser, tenant);
      const asked: string[] = [];
      const messenger: Messenger = {
        send: ({ messageId }) => {
          asked.push(messageId);
          return answer();
        },
      };
      const sender = senderTo(messenger);
      const id = newId();
      await work.run({ tenantId: tenant.id, actor: 'system:test', trace: '' }, (tx) =>
        new MessageRepository(key).store(tx, [
          {
            id,
            kind: 'invitation',
            contacts: { phoneNumber: person.phoneNumber, email: null },
            channels: ['SMS'],
            title: '',
            body: 'Come and get it',
            receiverId: person.receiverId,
            receiverWalletId: person.receiverWalletId,
            walletId: tenant.walletId,
            assetId: tenant.assetId,
            disbursementId: person.disbursementId,
            invitation: { round: 0, cause: 'first' },
          },
        ]),
      );
      const message = async (): Promise<{ status: string; tries: number; wait: number }> =>
        (
          await superuser.query<{ status: string; tries: number; wait: number }>(
            `SELECT status, tries, extract(epoch FROM next_try_at - updated_at)::float8 AS wait FROM messages.messages WHERE id = $1`,
            [id],
          )
        ).rows[0] ?? { status: 'none', tries: 0, wait: 0 };
      const waits: (readonly [tries: number, seconds: number])[] = [];
      sender.start();
      await until(async () => {
        const { status, tries, wait } = await message();
        if (status === 'PENDING' && tries > (waits.at(-1)?.[0] ?? 0)) {
          waits.push([tries, wait]);
          // As if that time had passed.
          await superuser.query('UPDATE messages.messages SET next_try_at = now() WHERE id = $1', [id]);
        }
        return status === 'FAILURE';
      });
      await sender.stop();
      expect(asked).toEqual(Array.from({ length: TRIES_MAX }, () => id));
      expect(await message()).toMatchObject({ status: 'FAILURE', tries: TRIES_MAX });
      expect(waits.length).toBeGreaterThan(0);
      // Twice as long each time, of which chance takes half at most.
      for (const [tries, wait] of waits) {
        expect(wait).toBeGreaterThanOrEqual(5 * 2 ** (tries - 1));
        expect(wait).toBeLessThanOrEqual(10 * 2 ** (tries - 1));
      }
    },
  );

  it('sends a code although one that was written before the key changed cannot be opened, and tells of that once', async () => {
    const code = (): NewMessage => ({
      id: newId(),
      kind: 'one_time_code',
      contacts: { phoneNumber: '+14155550100', email: null },
      channels: ['SMS'],
      title: '',
      body: '123456',
    });
    const [old, older, fresh] = [code(), code(), code()];
    await work.run({ tenantId: tenant.id, actor: 'system:test', trace: '' }, async (tx) => {
      await new MessageRepository(randomBytes(32)).store(tx, [old, older]);
      await new MessageRepository(key).store(tx, [fresh]);
    });
    const sent: string[] = [];
    const results: string[] = [];
    const logged: object[] = [];
    const sender = senderTo(
      {
        send: async ({ messageId }) => {
          sent.push(messageId);
          return { kind: 'accepted', providerMessageId: messageId };
        },
      },
      {
        onResult: (kind, result) => results.push(`${kind} ${result}`),
        log: { ...silentLogger, error: (fields, message) => logged.push({ ...fields, message }) },
      },
    );
    sender.start();
    await until(async () => {
      const left = `SELECT FROM messages.messages WHERE kind = 'one_time_code' AND status IN ('PENDING', 'SENDING')`;
      return (await superuser.query(left)).rowCount === 0;
    });
    await sender.stop();
    expect(sent).toEqual([fresh.id]);
    expect(results.sort()).toEqual([
      'one_time_code delivered',
      'one_time_code unreadable',
      'one_time_code unreadable',
    ]);
    expect(logged).toMatchObject([
      {
        tenant: tenant.id,
        messages: 2,
        message: 'messages cannot be opened and were given up: see MESSAGE_ENCRYPTION_KEY in docs/keys.md',
      },
    ]);
  });
});
