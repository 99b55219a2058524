import { Outbox } from '@libs/eventing';
import { KillableUnitOfWork, KilledError, KillSwitch } from '@libs/testing';
import type { DistributionAccountType } from '@libs/tenants';

import { TEST_ACCOUNT, TestServer } from '../testing/test-server';
import { makeProvisioning } from './make-provisioning';
import type { ProvisioningOutcome, TenantOrder } from './provisioning.service';

const OWN_ACCOUNT = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';

/** Everything that a tenant is made of, counted. */
interface Made {
  readonly [what: string]: number;
}

describe.each<DistributionAccountType>([
  'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
  'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
])('a tenant with %s whose making is killed', (distributionAccountType) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const order = (name: string): TenantOrder => ({
    name,
    organizationName: `${name} relief`,
    baseUrl: `http://${name}.pay.test`,
    sdpUiBaseUrl: `http://${name}.staff.test`,
    distributionAccountType,
    owner: { email: `owner@${name}.test`, firstName: 'Ada', lastName: 'Owner' },
    mfaDisabled: null,
    captchaDisabled: null,
    assets: [{ code: 'USD', issuer: TEST_ACCOUNT }],
    actor: 'operator:test',
    trace: '',
  });

  /** By a process that dies at this point of its work with the database; null: it lives. */
  async function make(name: string, kill: KillSwitch): Promise<ProvisioningOutcome | 'killed'> {
    const { settings, database } = server.platform;
    const { provisioning } = makeProvisioning({
      unitOfWork: new KillableUnitOfWork(database, kill),
      outbox: new Outbox(),
      networkPassphrase: settings.NETWORK_PASSPHRASE,
      hostAccount: settings.DISTRIBUTION_PUBLIC_KEY,
      messageKey: settings.MESSAGE_ENCRYPTION_KEY,
      // It looks for the answer once: how often it would do so in some time depends on the machine, and so would the points.
      ledgerPatienceMs: 0,
    });
    try {
      return await provisioning.provision(order(name));
    } catch (error) {
      if (error instanceof KilledError) return 'killed';
      throw error;
    }
  }

  /** transaction-submission answers whatever is open, as it would at any time: the account first, then its trustline. */
  async function answerLedger(): Promise<void> {
    for (;;) {
      const open = await server.openLedgerRequests();
      if (open.length === 0) return;
      const account = distributionAccountType.endsWith('ENV') ? TEST_ACCOUNT : OWN_ACCOUNT;
      for (const request of open) await server.answerLedgerRequest(request, { account });
    }
  }

  async function madeOf(name: string): Promise<Made> {
    const [row] = await server.sql(
      `SELECT (SELECT count(*) FROM tenants.tenants WHERE name = $1)::int AS tenants,
              (SELECT count(*) FROM tenants.tenants WHERE name = $1 AND status = 'PROVISIONED'
                                                      AND distribution_account_address = $2)::int AS ready,
              (SELECT count(*) FROM tenants.organizations o WHERE o.tenant_id = t.id)::int AS organizations,
              (SELECT count(*) FROM identity.users u WHERE u.tenant_id = t.id)::int AS owners,
              (SELECT count(*) FROM messages.messages m WHERE m.tenant_id = t.id)::int AS letters,
              (SELECT count(*) FROM catalogue.assets a WHERE a.tenant_id = t.id)::int AS assets,
              (SELECT count(*) FROM catalogue.wallets w WHERE w.tenant_id = t.id)::int AS wallets
         FROM tenants.tenants t WHERE t.name = $1`,
      [name, distributionAccountType.endsWith('ENV') ? TEST_ACCOUNT : OWN_ACCOUNT],
    );
    return row as unknown as Made;
  }

  it('is whole after the same order came again, whichever point it was killed at', async () => {
    const whole = { tenants: 1, ready: 1, organizations: 1, owners: 1, letters: 1, assets: 2, wallets: 2 };
    const counted = new KillSwitch(null);
    const first = await make('never', counted);
    if (typeof first !== 'string' && first.kind === 'underway') await answerLedger();
    expect(await madeOf('never')).toEqual(whole);
    expect(counted.points).toBeGreaterThanOrEqual(6);
    const names = Array.from({ length: counted.points }, (_, at) => `killed-${'x'.repeat(at + 1)}`);
    for (const [at, name] of names.entries()) {
      expect([at, await make(name, new KillSwitch(at + 1))]).toEqual([at, 'killed']);
      // A second process, killed at the next point, finds what the first one left.
      await make(name, new KillSwitch(at + 2));
      await answerLedger();
      await make(name, new KillSwitch(null));
      await answerLedger();
      expect([at, await madeOf(name)]).toEqual([at, whole]);
    }
  });
});
