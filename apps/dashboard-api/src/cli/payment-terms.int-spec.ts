import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { OrganizationsRepository, TenantsRepository } from '@libs/tenants';
import { Client } from 'pg';

import { CommandError } from './cli-platform';
import { changePaymentTerms, termsFrom } from './payment-terms';

describe('the terms on which a tenant pays', () => {
  let testDb: TestDatabase;
  let database: Database;
  let uow: UnitOfWork;

  beforeAll(async () => {
    testDb = await testDatabase();
    database = new Database({ url: testDb.url('dashboardApi'), applicationName: 'payment terms test' });
    uow = new UnitOfWork(database);
    const tenant = await uow.runSystem('a tenant for the test', (tx) =>
      new TenantsRepository().add(tx, {
        name: 'acme',
        baseUrl: 'https://pay.test',
        sdpUiBaseUrl: 'https://staff.test',
        distributionAccountType: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
        actor: 'test',
      }),
    );
    const context = { tenantId: tenant?.id ?? '', actor: 'test', trace: '' };
    await uow.run(context, (tx) =>
      new OrganizationsRepository().add(tx, { name: 'Acme', mfaDisabled: null, captchaDisabled: null }),
    );
  });
  afterAll(async () => {
    await database.close();
    await testDb.drop();
  });

  const change = async (values: Record<string, string>, tenant = 'acme'): Promise<unknown> =>
    await changePaymentTerms(uow, { tenant, terms: termsFrom(values), actor: 'test' });

  it('are a hundred payments per ledger transaction and the fee of the environment until an operator says otherwise', async () => {
    expect(await change({})).toEqual({ paymentsPerEnvelope: 100, maxBaseFee: null });
    expect(await change({ 'payments-per-envelope': '7' })).toEqual({
      paymentsPerEnvelope: 7,
      maxBaseFee: null,
    });
    expect(await change({ 'max-base-fee': '500' })).toEqual({ paymentsPerEnvelope: 7, maxBaseFee: 500n });
    expect(await change({ 'max-base-fee': 'default' })).toEqual({ paymentsPerEnvelope: 7, maxBaseFee: null });
  });

  it('leave in the audit log who changed them, and what before and after', async () => {
    await change({ 'payments-per-envelope': '9' });
    const superuser = new Client({ connectionString: testDb.superuserUrl });
    await superuser.connect();
    const { rows } = await superuser.query(
      `SELECT actor_type, actor_id, action, before, after FROM identity.audit_log ORDER BY seq DESC LIMIT 1`,
    );
    await superuser.end();
    expect(rows).toEqual([
      {
        actor_type: 'operator',
        actor_id: 'command line',
        action: 'tenants payment-terms',
        before: { payments_per_envelope: 7, max_base_fee: null },
        after: { payments_per_envelope: 9, max_base_fee: null },
      },
    ]);
  });

  it('are only shown where nothing is to change: nothing is written, and nothing is in the audit log', async () => {
    const superuser = new Client({ connectionString: testDb.superuserUrl });
    await superuser.connect();
    const written = async (): Promise<unknown> =>
      (
        await superuser.query(
          `SELECT (SELECT count(*) FROM identity.audit_log) AS entries, (SELECT max(updated_at) FROM tenants.organizations) AS time`,
        )
      ).rows;
    const before = await written();
    expect(await change({})).toMatchObject({ maxBaseFee: null });
    expect(await written()).toEqual(before);
    await superuser.end();
  });

  it.each([
    [{ 'payments-per-envelope': '0' }, '--payments-per-envelope must be a whole number from 1 to 100'],
    [{ 'payments-per-envelope': '101' }, '--payments-per-envelope must be a whole number from 1 to 100'],
    [{ 'payments-per-envelope': '1e1' }, '--payments-per-envelope must be a whole number from 1 to 100'],
    [{ 'max-base-fee': '99' }, '--max-base-fee must be a whole number from 100 to 100000000'],
    [{ 'max-base-fee': '-5' }, '--max-base-fee must be a whole number from 100 to 100000000'],
  ])('refuse %j with a sentence', (values, message) => {
    expect(() => termsFrom(values)).toThrow(new CommandError(message));
  });

  it('belong to a tenant that exists', async () => {
    await expect(change({}, 'nobody')).rejects.toThrow('there is no tenant named nobody');
  });
});
