import { newId } from '@libs/kernel';
import { DryRunOutboxRepository } from '@libs/messages';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { messengersOf } from '../sending/messengers';
import { givenTenant } from '../testing/given-people';
import { mistakesOf, sendTrial, type TrialMessage } from './trial-message';

const MAIL: TrialMessage = {
  tenantId: newId(),
  phoneNumber: '',
  email: 'ada@people.test',
  title: 'A trial',
  message: 'Does this arrive?',
};

describe('message send', () => {
  let database: TestDatabase;
  let connections: Database;
  let superuser: Client;

  beforeAll(async () => {
    database = await testDatabase();
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    connections = new Database({
      url: database.url('messaging'),
      applicationName: 'messaging test',
      connectionsMax: 2,
    });
  });
  afterAll(async () => {
    await connections.close();
    await superuser.end();
    await database.drop();
  });

  it('hands one message to the provider of its channel', async () => {
    const { id: tenantId } = await givenTenant(superuser);
    const work = new UnitOfWork(connections);
    const outbox = new DryRunOutboxRepository(randomBytes(32));
    const messengers = messengersOf(
      { SMS_SENDER_TYPE: 'DRY_RUN', EMAIL_SENDER_TYPE: 'DRY_RUN' },
      work,
      outbox,
    );
    const sms = { ...MAIL, tenantId, email: '', phoneNumber: '+254710000001' };
    for (const message of [{ ...MAIL, tenantId }, sms]) {
      expect(await sendTrial(message, messengers)).toMatchObject({ kind: 'accepted' });
    }
    const kept = await work.runSystem('list the outbox of DRY_RUN', (tx) => outbox.list(tx, { limit: 10 }));
    expect(kept).toMatchObject([
      { channel: 'SMS', recipient: '+254710000001', body: 'Does this arrive?' },
      { channel: 'EMAIL', recipient: 'ada@people.test', title: 'A trial' },
    ]);
  });

  it.each([
    [{ tenantId: 'acme' }, ['--tenant-id must be the id of a tenant']],
    [{ phoneNumber: '+254710000001' }, ['give either --phone-number or --email']],
    [{ email: '' }, ['give either --phone-number or --email']],
    [{ email: '', phoneNumber: '0710' }, ['--phone-number must look like +254710000001']],
    [{ email: 'ada' }, ['ada is not an e-mail address']],
    [{ message: ' ', title: '' }, ['--message must say something', 'a mail needs a --title']],
  ])('says what is wrong with %j', (wrong, mistakes) => {
    expect(mistakesOf(MAIL)).toEqual([]);
    expect(mistakesOf({ ...MAIL, ...wrong })).toEqual(mistakes);
  });
});
