import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { RegistrationRepository } from '@libs/receivers';
import { TenantIdsReadModel } from '@libs/tenants';
import { testDatabase } from '@libs/testing';
import { Client } from 'pg';

import { ForgetAttempts } from './forget-attempts.job';

describe('what strangers tried', () => {
  it('is forgotten when it is old, in each organisation', async () => {
    const testing = await testDatabase();
    const superuser = new Client({ connectionString: testing.superuserUrl });
    await superuser.connect();
    const database = new Database({ url: testing.url('recipientApi'), applicationName: 'test' });
    for (const name of ['one', 'two']) {
      const id = newId();
      await superuser.query(
        `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, distribution_account_type)
         VALUES ($1, $2, 'http://a.test', 'http://b.test', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
        [id, name],
      );
      await superuser.query(
        `INSERT INTO receivers.registration_attempts (tenant_id, id, contact_hmac, client_domain, stellar_address, attempted_at)
         SELECT $1, gen_random_uuid(), sha256('x'), 'wallet.test', 'GA', now() - make_interval(days => n / 100) FROM generate_series(0, 3_999) n`,
        [id],
      );
    }
    const job = new ForgetAttempts({
      work: new UnitOfWork(database),
      tenants: new TenantIdsReadModel(),
      registrations: new RegistrationRepository(),
      days: 30,
    });
    await job.run();
    const { rows } = await superuser.query<{ count: bigint }>(
      'SELECT count(*)::int AS count FROM receivers.registration_attempts GROUP BY tenant_id',
    );
    expect(rows).toEqual([{ count: 3_000 }, { count: 3_000 }]);
    await database.close();
    await superuser.end();
    await testing.drop();
  });
});
