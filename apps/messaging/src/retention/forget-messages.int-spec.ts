import { newId } from '@libs/kernel';
import { OldMessagesRepository } from '@libs/messages';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { TenantIdsReadModel } from '@libs/tenants';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { givenPerson, givenTenant, type Person, type Tenant } from '../testing/given-people';
import { ForgetMessages } from './forget-messages.job';
import { OldMessagesReadModel } from './old-messages.read-model';

const DAYS = 30;

describe('messages that are old', () => {
  let database: TestDatabase;
  let superuser: Client;
  let messaging: Database;
  let tenant: Tenant;
  let job: ForgetMessages;

  beforeAll(async () => {
    database = await testDatabase();
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    messaging = new Database({ url: database.url('messaging'), applicationName: 'test' });
    tenant = await givenTenant(superuser);
    job = new ForgetMessages({
      work: new UnitOfWork(messaging),
      tenants: new TenantIdsReadModel(),
      found: new OldMessagesReadModel(),
      messages: new OldMessagesRepository(),
      days: DAYS,
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await superuser.query('TRUNCATE messages.messages, messages.dry_run_outbox');
  });
  afterAll(async () => {
    await messaging.close();
    await superuser.end();
    await database.drop();
  });

  async function givenMessage(kind: string, status: string, days: number, person?: Person): Promise<string> {
    const id = newId();
    await superuser.query(
      `INSERT INTO messages.messages (tenant_id, id, kind, priority, status, recipient_sealed, title_sealed, body_sealed, channels,
              receiver_wallet_id, disbursement_id, round, cause, lease_until, created_at)
       VALUES ($1, $2, $3, 0, $4, '', '', '', '{SMS}', $5, $6, $7, $8, now(), now() - make_interval(days => $9))`,
      [
        ...[tenant.id, id, kind, status, person?.receiverWalletId, person?.disbursementId],
        ...[kind === 'invitation' ? 0 : null, kind === 'invitation' ? 'first' : null, days],
      ],
    );
    return id;
  }
  const left = async (table = 'messages.messages'): Promise<string[]> =>
    (await superuser.query<{ id: string }>(`SELECT id FROM ${table} ORDER BY id`)).rows.map(({ id }) => id);

  it('go when they have ended, and stay while they are young or on their way', async () => {
    for (const status of ['SUCCESS', 'FAILURE']) await givenMessage('one_time_code', status, DAYS + 1);
    const stay = [
      await givenMessage('staff', 'PENDING', DAYS + 1),
      await givenMessage('staff', 'SENDING', DAYS + 1),
      await givenMessage('staff', 'SUCCESS', DAYS - 1),
    ];
    await job.run();
    // Ids of one millisecond come in any order.
    expect(await left()).toEqual(stay.toSorted());
  });

  it('stay as long as the person may still come, since their reminders are counted by them', async () => {
    const waiting = await givenPerson(superuser, tenant);
    const registered = await givenPerson(superuser, tenant, { walletStatus: 'REGISTERED' });
    const cancelled = await givenPerson(superuser, tenant, { paymentStatus: 'CANCELED' });
    const stays = await givenMessage('invitation', 'SUCCESS', DAYS + 1, waiting);
    await givenMessage('invitation', 'SUCCESS', DAYS + 1, registered);
    await givenMessage('invitation', 'FAILURE', DAYS + 1, cancelled);
    await job.run();
    expect(await left()).toEqual([stays]);
  });

  it('go by the thousand, bounded per run and without passing again what stays', async () => {
    await superuser.query(
      `INSERT INTO messages.messages (tenant_id, id, kind, priority, status, recipient_sealed, title_sealed, body_sealed, channels, created_at)
       SELECT $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'staff', 1, CASE WHEN n <= 1500 THEN 'PENDING' ELSE 'SUCCESS' END,
              '', '', '', '{EMAIL}', now() - interval '90 days' FROM generate_series(1, 21500) n`,
      [tenant.id],
    );
    await job.run();
    expect(await left()).toHaveLength(3_000);
    await job.run();
    expect(await left()).toHaveLength(1_500);
  });

  it('leave the outbox of DRY_RUN too', async () => {
    for (const days of [DAYS + 1, DAYS - 1]) {
      await superuser.query(
        `INSERT INTO messages.dry_run_outbox (tenant_id, id, message_id, kind, channel, recipient_hmac, recipient_sealed, title_sealed, body_sealed, sent_at)
         VALUES ($1, $2, $2, 'staff', 'EMAIL', sha256('x'), '', '', '', now() - make_interval(days => $3))`,
        [tenant.id, newId(), days],
      );
    }
    await job.run();
    expect(await left('messages.dry_run_outbox')).toHaveLength(1);
  });
});
