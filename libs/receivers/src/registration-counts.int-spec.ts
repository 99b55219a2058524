import { newId } from '@libs/kernel';
import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { OneTimeCodeRepository } from './one-time-code.repository';
import { RegistrationRepository } from './registration.repository';

const codes = new OneTimeCodeRepository();
const registrations = new RegistrationRepository();
const tenantId = newId();
const right = randomBytes(32);
const wrong = randomBytes(32);

let database: TestDatabase;
let superuser: Client;
let replicas: Database[];

beforeAll(async () => {
  database = await testDatabase();
  superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  const url = database.url('recipientApi');
  replicas = [1, 2].map(() => new Database({ url, applicationName: 'test', connectionsMax: 8 }));
});

afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await superuser.end();
  await database.drop();
});

/** Sixty pieces of work at once, half of them on each of two replicas. */
async function atOnce<T>(work: (tx: TenantTx) => Promise<T>): Promise<T[]> {
  const units = replicas.map((replica) => new UnitOfWork(replica));
  return await Promise.all(
    Array.from({ length: 30 }, () => units)
      .flat()
      .map((unit) => unit.run({ tenantId, actor: 'receiver', trace: '' }, work)),
  );
}

const count = (all: readonly string[], one: string): number => all.filter((each) => each === one).length;

describe('sixty guesses at once on two replicas', () => {
  it('are counted one by one at a code', async () => {
    const { receiverWalletId } = await givenPerson();
    const owner = { receiverWalletId };
    await atOnce((tx) => codes.issue(tx, owner, right));
    const verdicts = await atOnce((tx) => codes.attempt(tx, owner, { codeHmac: wrong, isAccepted: false }));
    expect([count(verdicts, 'wrong'), count(verdicts, 'exceeded')]).toEqual([4, 56]);
    const { rows } = await superuser.query(
      'SELECT tries, window_tries, window_codes FROM receivers.one_time_codes WHERE receiver_wallet_id = $1',
      [receiverWalletId],
    );
    expect(rows).toEqual([{ tries: 5, window_tries: 5, window_codes: 10 }]);
  });

  it('are counted one by one at a verification value, up to fifteen', async () => {
    const { receiverId } = await givenPerson();
    const claim = { receiverId, field: 'PIN', channel: 'SMS', withContacts: [] } as const;
    const verdicts = await atOnce((tx) => registrations.verify(tx, { ...claim, bound: wrong }));
    expect([count(verdicts, 'wrong'), count(verdicts, 'exceeded')]).toEqual([15, 45]);
    const after = await atOnce((tx) => registrations.verify(tx, { ...claim, bound: right }));
    expect(count(after, 'exceeded')).toBe(60);
  });

  it('register one account for one person, and one wallet once', async () => {
    const people = [await givenPerson(), await givenPerson()];
    const stellarAddress = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';
    let turn = 0;
    const outcomes = await atOnce(async (tx) => {
      const person = people[(turn += 1) % 2];
      if (person === undefined) throw new Error('two people');
      if (!(await registrations.claimAddress(tx, stellarAddress, person.receiverId))) return 'taken';
      const registration = {
        ...person,
        stellarAddress,
        stellarMemo: null,
        depositId: newId(),
        confirmedWith: 'x',
      };
      return (await registrations.register(tx, registration)) ? 'registered' : 'again';
    });
    expect([count(outcomes, 'registered'), count(outcomes, 'again'), count(outcomes, 'taken')]).toEqual([
      1, 29, 30,
    ]);
  });
});

async function givenPerson(): Promise<{ receiverId: string; receiverWalletId: string }> {
  const [receiverId, receiverWalletId] = [newId(), newId()];
  await superuser.query(
    `INSERT INTO receivers.receivers (tenant_id, id, email, external_id) VALUES ($1, $2::uuid, $2::text || '@x.example', 'x')`,
    [tenantId, receiverId],
  );
  await superuser.query(
    `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status) VALUES ($1, $2, $3, $4, 'READY')`,
    [tenantId, receiverWalletId, receiverId, newId()],
  );
  await superuser.query(
    `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to) VALUES ($1, $2, 'PIN', $3, 'RECEIVER')`,
    [tenantId, receiverId, right],
  );
  return { receiverId, receiverWalletId };
}
