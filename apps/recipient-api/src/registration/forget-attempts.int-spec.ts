import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { RegistrationRepository } from '@libs/receivers';
import { TenantIdsReadModel } from '@libs/tenants';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { ForgetAttempts } from './forget-attempts.job';

describe('what strangers tried', () => {
  let testing: TestDatabase;
  let superuser: Client;
  let database: Database;
  let job: ForgetAttempts;

  beforeEach(async () => {
    testing = await testDatabase();
    superuser = new Client({ connectionString: testing.superuserUrl });
    await superuser.connect();
    database = new Database({ url: testing.url('recipientApi'), applicationName: 'test' });
    job = new ForgetAttempts({
      work: new UnitOfWork(database),
      tenants: new TenantIdsReadModel(),
      registrations: new RegistrationRepository(),
      days: 30,
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await database.close();
    await superuser.end();
    await testing.drop();
  });

  /** Two organisations of which each has a thousand young attempts of four; their ids in the order of their turns. */
  async function givenAttempts(): Promise<readonly string[]> {
    const ids = [newId(), newId()].sort();
    for (const [place, name] of ['one', 'two'].entries()) {
      await superuser.query(
        `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, distribution_account_type)
         VALUES ($1, $2, 'http://a.test', 'http://b.test', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
        [ids[place], name],
      );
      await superuser.query(
        `INSERT INTO receivers.registration_attempts (tenant_id, id, contact_hmac, client_domain, stellar_address, attempted_at)
         SELECT $1, gen_random_uuid(), sha256('x'), 'wallet.test', 'GA', now() - make_interval(days => n / 100) FROM generate_series(0, 3_999) n`,
        [ids[place]],
      );
    }
    return ids;
  }

  const left = async (): Promise<readonly object[]> =>
    (
      await superuser.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM receivers.registration_attempts GROUP BY tenant_id ORDER BY tenant_id',
      )
    ).rows;

  it('is forgotten when it is old, in each organisation', async () => {
    await givenAttempts();
    await job.run();
    expect(await left()).toEqual([{ count: 3_000 }, { count: 3_000 }]);
  });

  it('is forgotten in the others when it fails for one organisation', async () => {
    const [first = ''] = await givenAttempts();
    await superuser.query(
      `CREATE FUNCTION fail_for_the_first() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF OLD.tenant_id = '${first}' THEN RAISE 'a broken row'; END IF; RETURN OLD; END $$;
       CREATE TRIGGER fail_for_the_first BEFORE DELETE ON receivers.registration_attempts
         FOR EACH ROW EXECUTE FUNCTION fail_for_the_first()`,
    );
    await job.run();
    expect(await left()).toEqual([{ count: 4_000 }, { count: 3_000 }]);
  });
});
