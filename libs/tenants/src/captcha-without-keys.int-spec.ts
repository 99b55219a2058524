import { newId } from '@libs/kernel';
import { type AppName, Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { captchaWithoutKeys } from './captcha-without-keys';

describe('an app without keys of the captcha', () => {
  let testDb: TestDatabase;
  let superuser: Client;

  beforeAll(async () => {
    testDb = await testDatabase();
    superuser = new Client({ connectionString: testDb.superuserUrl });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await testDb.drop();
  });

  const given = async (
    name: string,
    captchaDisabled: boolean | null,
    status = 'PROVISIONED',
  ): Promise<void> => {
    const id = newId();
    await superuser.query(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type)
       VALUES ($1, $2, 'http://a.test', 'http://b.test', $3, 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
      [id, name, status],
    );
    await superuser.query(
      `INSERT INTO tenants.organizations (tenant_id, name, captcha_disabled) VALUES ($1, $2, $3)`,
      [id, name, captchaDisabled],
    );
  };

  const told = async (app: AppName, isConfigured = false): Promise<readonly string[]> => {
    const database = new Database({ url: testDb.url(app), applicationName: 'captcha test' });
    try {
      return await captchaWithoutKeys(new UnitOfWork(database), { isConfigured });
    } finally {
      await database.close();
    }
  };

  it('says which organisations ask for one, and what to do', async () => {
    await given('leaves-it-open', null);
    await given('without', true);
    await given('switched-off', false, 'DEACTIVATED');
    expect(await told('dashboardApi')).toEqual([]);
    await given('relief', false);
    await given('acme', false);
    for (const app of ['dashboardApi', 'recipientApi'] as const) {
      expect(await told(app)).toEqual([
        'nobody signs in at or registers with acme and 1 more: it asks for a captcha, and RECAPTCHA_SITE_KEY and RECAPTCHA_SITE_SECRET_KEY are not set. Set them for dashboard-api and recipient-api, or switch it off with npm run tenants -- disable-recaptcha acme',
      ]);
      expect(await told(app, true)).toEqual([]);
    }
  });
});
