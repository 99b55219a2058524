import { newId } from '@libs/kernel';
import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

import { ReceiverAddresses } from './receiver-addresses.repository';
import { RegistrationRepository } from './registration.repository';

const registrations = new RegistrationRepository();
const addresses = new ReceiverAddresses();
const tenantId = newId();
const ADDRESS = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';

interface Person {
  readonly receiverId: string;
  /** One that is registered with the address, if any, and one that is not. */
  readonly registered: string;
  readonly other: string;
}

describe('an address', () => {
  let database: TestDatabase;
  let superuser: Client;
  let apps: Record<'recipientApi' | 'dashboardApi', Database>;

  beforeAll(async () => {
    database = await testDatabase();
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    const open = (app: 'recipientApi' | 'dashboardApi'): Database =>
      new Database({ url: database.url(app), applicationName: 'address test', connectionsMax: 4 });
    apps = { recipientApi: open('recipientApi'), dashboardApi: open('dashboardApi') };
  });
  afterEach(async () => {
    for (const table of ['address_owners', 'receiver_wallets', 'receivers'])
      await superuser.query(`DELETE FROM receivers.${table}`);
  });
  afterAll(async () => {
    for (const app of Object.values(apps)) await app.close();
    await superuser.end();
    await database.drop();
  });

  const as = async <T>(app: keyof typeof apps, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
    await new UnitOfWork(apps[app]).run({ tenantId, actor: 'test', trace: '' }, work);

  async function givenPerson(address: string | null): Promise<Person> {
    const person = { receiverId: newId(), registered: newId(), other: newId() };
    const { receiverId } = person;
    await superuser.query(
      `INSERT INTO receivers.receivers (tenant_id, id, email, external_id) VALUES ($1, $2::uuid, $2::text || '@x.example', 'x')`,
      [tenantId, receiverId],
    );
    for (const [id, given] of [
      [person.registered, address],
      [person.other, null],
    ]) {
      await superuser.query(
        `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
         VALUES ($1, $2, $3, $4, CASE WHEN $5::text IS NULL THEN 'READY' ELSE 'REGISTERED' END, $5)`,
        [tenantId, id, receiverId, newId(), given],
      );
    }
    if (address !== null) await own(receiverId, address, null);
    return person;
  }

  const own = (receiverId: string, address: string, uploadId: string | null): Promise<unknown> =>
    superuser.query(`INSERT INTO receivers.address_owners VALUES ($1, $2, $3, $4)`, [
      ...[tenantId, address, receiverId, uploadId],
    ]);
  const owners = async (): Promise<unknown[]> =>
    (await superuser.query('SELECT receiver_id FROM receivers.address_owners')).rows.map(
      (row: { receiver_id: string }) => row.receiver_id,
    );

  /** Until one of us waits for a lock. */
  async function untilSomebodyWaits(): Promise<void> {
    for (;;) {
      const { rowCount } = await superuser.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'address test' AND wait_event_type = 'Lock'`,
      );
      if (rowCount !== 0) return;
      await pause(5);
    }
  }

  const unregister = (tx: TenantTx, { registered: id, receiverId }: Person): Promise<boolean> =>
    addresses.unregister(tx, { id, receiverId });
  const register = async (tx: TenantTx, { receiverId, other }: Person): Promise<boolean> =>
    await registrations.register(tx, {
      receiverWalletId: other,
      receiverId,
      stellarAddress: ADDRESS,
      stellarMemo: null,
      depositId: newId(),
      confirmedWith: 'x',
    });

  it('stays whose it is while they register another wallet with it and staff unregister the first', async () => {
    const [person, stranger] = [await givenPerson(ADDRESS), await givenPerson(null)];
    const { unregistering } = await as('recipientApi', async (tx) => {
      expect(await registrations.claimAddress(tx, ADDRESS, person.receiverId)).toBe(true);
      const unregistering = as('dashboardApi', (other) => unregister(other, person));
      await Promise.race([unregistering, untilSomebodyWaits()]);
      expect(await register(tx, person)).toBe(true);
      return { unregistering };
    });
    expect(await unregistering).toBe(true);
    expect(await owners()).toEqual([person.receiverId]);
    const claimed = as('recipientApi', (tx) => registrations.claimAddress(tx, ADDRESS, stranger.receiverId));
    expect(await claimed).toBe(false);
  });

  it('is claimed by who waited until it was let go', async () => {
    const [person, stranger] = [await givenPerson(ADDRESS), await givenPerson(null)];
    const { claiming } = await as('dashboardApi', async (tx) => {
      await unregister(tx, person);
      const claiming = as('recipientApi', (other) =>
        registrations.claimAddress(other, ADDRESS, stranger.receiverId),
      );
      await untilSomebodyWaits();
      return { claiming };
    });
    expect(await claiming).toBe(true);
    expect(await owners()).toEqual([stranger.receiverId]);
  });

  it.each([
    ['stays', 'is not published yet', 'PUBLISHING', 1],
    ['goes', 'is published', 'PUBLISHED', 0],
  ])('that no wallet uses any more %s where the file that brought it %s', async (_, __, state, left) => {
    const [person, job] = [await givenPerson(null), newId()];
    await superuser.query(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, brought_people)
       VALUES ($1, $2, $2, 'test', $3, true)`,
      [tenantId, job, state],
    );
    await own(person.receiverId, ADDRESS, job);
    await superuser.query(
      `UPDATE receivers.receiver_wallets SET status = 'REGISTERED', stellar_address = 'G' || repeat('A', 55) WHERE id = $1`,
      [person.registered],
    );
    expect(await as('dashboardApi', (tx) => unregister(tx, person))).toBe(true);
    expect(await owners()).toHaveLength(left);
  });
});
