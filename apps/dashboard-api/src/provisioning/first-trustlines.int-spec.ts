import type { Asset } from '@libs/kernel';
import type { DistributionAccountType } from '@libs/tenants';

import { TEST_ACCOUNT, TestServer } from '../testing/test-server';
import { LedgerAccounts } from './ledger-accounts.service';
import { Provisioning, type ProvisioningOutcome } from './provisioning.service';

const OWN_ACCOUNT = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const USD: Asset = { code: 'USD', issuer: 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7' };
const EUR: Asset = { ...USD, code: 'EUR' };
const SHARED: DistributionAccountType = 'DISTRIBUTION_ACCOUNT.STELLAR.ENV';
const OWN: DistributionAccountType = 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT';

describe('a new tenant whose assets need trustlines', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({}, { ledgerPatienceMs: 700 });
  });
  afterAll(() => server.stop());

  const provision = (
    name: string,
    distributionAccountType: DistributionAccountType,
    assets: readonly Asset[],
  ): Promise<ProvisioningOutcome> =>
    server.app.get(Provisioning, { strict: false }).provision({
      name,
      organizationName: `${name} relief`,
      baseUrl: `http://${name}.pay.test`,
      sdpUiBaseUrl: `http://${name}.staff.test`,
      distributionAccountType,
      owner: { email: `owner@${name}.test`, firstName: 'Ada', lastName: 'Owner' },
      mfaDisabled: null,
      captchaDisabled: null,
      assets,
      actor: 'operator:test',
      trace: '',
    });

  const orderAgain = (name: string, distributionAccountType: DistributionAccountType) =>
    server.operate('POST', '/tenants', {
      json: {
        name,
        owner_email: `owner@${name}.test`,
        owner_first_name: 'Ada',
        owner_last_name: 'Owner',
        organization_name: `${name} relief`,
        distribution_account_type: distributionAccountType,
      },
    });

  const statusOf = async (name: string): Promise<unknown> =>
    (await server.sql('SELECT status FROM tenants.tenants WHERE name = $1', [name]))[0]?.['status'];

  it('is ready when its account exists and has all of them, and not before', async () => {
    expect((await provision('orchard', OWN, [USD, EUR])).kind).toBe('underway');
    const [account = {}, ...none] = await server.openLedgerRequests();
    expect([account['action'], none]).toEqual(['create-account', []]);
    await server.answerLedgerRequest(account, { account: OWN_ACCOUNT });
    const lines = await server.openLedgerRequests();
    expect(lines.map(({ action }) => action)).toEqual(['trust-asset', 'trust-asset']);
    for (const line of lines) {
      expect(await statusOf('orchard')).toBe('CREATED');
      await server.answerLedgerRequest(line, { account: OWN_ACCOUNT });
    }
    expect(await statusOf('orchard')).toBe('PROVISIONED');
  });

  it('says while they are being made that it goes on by itself, and asks for each only once', async () => {
    await provision('brook', SHARED, [USD]);
    const reply = await orderAgain('brook', SHARED);
    expect([reply.status, reply.body]).toEqual([
      202,
      expect.objectContaining({
        status: 'TENANT_CREATED',
        message:
          'The tenant was added. Its ledger account or the trustlines of it are still being made; then it is ready by itself.',
      }),
    ]);
    const [line = {}, ...more] = await server.openLedgerRequests();
    expect(more).toEqual([]);
    await server.answerLedgerRequest(line, { account: TEST_ACCOUNT });
    expect(await statusOf('brook')).toBe('PROVISIONED');
  });

  it('is not ready while one is refused, says why, and asks for it again when the order is repeated', async () => {
    await provision('cedar', OWN, [USD, EUR]);
    const [account = {}] = await server.openLedgerRequests();
    await server.answerLedgerRequest(account, { account: OWN_ACCOUNT });
    const [refused = {}, made = {}] = await server.openLedgerRequests();
    await server.answerLedgerRequest(refused, { reason: 'op_low_reserve' });
    await server.answerLedgerRequest(made, { account: OWN_ACCOUNT });
    expect([await statusOf('cedar'), await server.openLedgerRequests()]).toEqual(['CREATED', []]);
    const again = orderAgain('cedar', OWN);
    let asked: Record<string, unknown>[] = [];
    while (asked.length === 0) asked = await server.openLedgerRequests();
    expect(asked).toMatchObject([{ action: 'trust-asset', asset_id: refused['asset_id'] }]);
    await server.answerLedgerRequest(asked[0] ?? {}, { reason: 'op_no_issuer' });
    const { status, body } = await again;
    expect([status, body]).toMatchObject([500, { extras: { error_details: 'op_no_issuer' } }]);
    await orderAgain('cedar', OWN);
    const [last = {}] = await server.openLedgerRequests();
    await server.answerLedgerRequest(last, { account: OWN_ACCOUNT });
    expect(await statusOf('cedar')).toBe('PROVISIONED');
  });

  it('is ready also when the last two answers come at the same moment', async () => {
    await provision('delta', SHARED, [USD, EUR]);
    const [one = {}, other = {}] = await server.openLedgerRequests();
    const ledgerAccounts = server.app.get(LedgerAccounts, { strict: false });
    const usual = ledgerAccounts.withoutTrust.bind(ledgerAccounts);
    let second: Promise<void> | undefined;
    ledgerAccounts.withoutTrust = async (tx) => {
      ledgerAccounts.withoutTrust = usual;
      const seen = await usual(tx);
      // What was seen is acted upon only after the other answer was given, or waits for this one.
      second = server.answerLedgerRequest(other, { account: TEST_ACCOUNT });
      await Promise.race([second, server.waitsForLock()]);
      return seen;
    };
    await server.answerLedgerRequest(one, { account: TEST_ACCOUNT });
    await second;
    expect(await statusOf('delta')).toBe('PROVISIONED');
  });
});
