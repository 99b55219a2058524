import { Outbox } from '@libs/eventing';
import type { Tenant } from '@libs/tenants';

import { makeProvisioning } from '../provisioning/make-provisioning';
import { TestServer } from '../testing/test-server';
import { CommandError } from './cli-platform';
import { defaultTenantOrderFrom, ensureDefault } from './ensure-default';

const OWN_ACCOUNT = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const OPTIONS = {
  'default-tenant-owner-email': 'Owner@default.test',
  'default-tenant-owner-first-name': 'Olive',
  'default-tenant-owner-last-name': 'Owner',
  'default-tenant-distribution-account-type': 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
  'default-tenant-organization-name': 'Default Organization',
} as const;

describe('tenants ensure-default', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start({ SINGLE_TENANT_MODE: 'true' });
  });
  afterEach(() => server.stop());

  const ensure = async (options: object = {}): Promise<Tenant> => {
    const { settings, unitOfWork } = server.platform;
    const { provisioning } = makeProvisioning({
      unitOfWork,
      outbox: new Outbox(),
      networkPassphrase: settings.NETWORK_PASSPHRASE,
      hostAccount: settings.DISTRIBUTION_PUBLIC_KEY,
      messageKey: settings.MESSAGE_ENCRYPTION_KEY,
      ledgerPatienceMs: 0,
    });
    const { BASE_URL: baseUrl, SDP_UI_BASE_URL: sdpUiBaseUrl } = settings;
    const order = defaultTenantOrderFrom({ ...OPTIONS, ...options });
    return await ensureDefault({ provisioning, unitOfWork, baseUrl, sdpUiBaseUrl }, order);
  };
  const defaults = async (): Promise<unknown[]> =>
    (await server.sql('SELECT name FROM tenants.tenants WHERE is_default')).map(({ name }) => name);
  const logOf = (id: string) =>
    server.sql(
      `SELECT actor_id, action, after FROM identity.audit_log WHERE tenant_id = $1 AND before ? 'is_default' AND action LIKE '%default%' ORDER BY seq`,
      [id],
    );

  it('makes it the default once it is ready, says so in the audit logs of both, and changes nothing when repeated', async () => {
    const present = await server.tenant('present');
    await server.operate('POST', '/tenants/default-tenant', { json: { id: present.id } });
    await expect(ensure()).rejects.toThrow(CommandError);
    await expect(ensure()).rejects.toThrow('Repeat to wait on');
    expect(await defaults()).toEqual(['present']);
    const [request = {}] = await server.openLedgerRequests();
    await server.answerLedgerRequest(request, { account: OWN_ACCOUNT });
    const { id } = await ensure();
    expect(await ensure()).toMatchObject({ id, status: 'PROVISIONED', isDefault: true });
    expect(await defaults()).toEqual(['default']);
    const row = (becomes: boolean) => ({
      actor_id: 'command line',
      action: 'tenants ensure-default',
      after: { is_default: becomes },
    });
    expect(await logOf(id)).toEqual([row(true)]);
    expect((await logOf(present.id)).slice(1)).toEqual([row(false)]);
  });

  it('says how the order has to be repeated after another one was refused, and goes on with that', async () => {
    await expect(ensure({ 'default-tenant-owner-email': 'typo@default.test' })).rejects.toThrow('Repeat');
    const [request = {}] = await server.openLedgerRequests();
    await server.answerLedgerRequest(request, { reason: 'no XLM' });
    await expect(ensure()).rejects.toThrow(
      new CommandError(
        'the tenant "default" is being made as an earlier order said. Repeat with that:\n' +
          '--default-tenant-owner-email: typo@default.test',
      ),
    );
    expect([await defaults(), await server.openLedgerRequests()]).toEqual([[], []]);
    const again = ensure({ 'default-tenant-owner-email': 'typo@default.test' });
    await expect(again).rejects.toThrow('Repeat to wait on');
    const [second = {}] = await server.openLedgerRequests();
    await server.answerLedgerRequest(second, { account: OWN_ACCOUNT });
    expect(await ensure()).toMatchObject({ isDefault: true });
  });

  it('leaves the default where it is while the tenant is switched off or deleted, and says what to do', async () => {
    const present = await server.tenant('present');
    await server.operate('POST', '/tenants/default-tenant', { json: { id: present.id } });
    const { id } = await server.tenant('default');
    await server.operate('PATCH', `/tenants/${id}`, { json: { status: 'TENANT_DEACTIVATED' } });
    await expect(ensure()).rejects.toThrow(
      new CommandError(
        `the tenant "default" is switched off: switch it on with PATCH /tenants/${id}, then repeat`,
      ),
    );
    await server.operate('DELETE', `/tenants/${id}`);
    await expect(ensure()).rejects.toThrow('was deleted and its name stays taken');
    expect(await defaults()).toEqual(['present']);
    expect(await logOf(id)).toEqual([]);
  });

  it('names each option that the API would not take', () => {
    const wrong = {
      'default-tenant-owner-email': 'nobody',
      'default-tenant-owner-last-name': 'x'.repeat(129),
      'default-tenant-distribution-account-type': 'DISTRIBUTION_ACCOUNT.CIRCLE.DB_VAULT',
      'default-tenant-organization-name': undefined,
    };
    expect(() => defaultTenantOrderFrom({ ...OPTIONS, ...wrong })).toThrow(
      new CommandError(
        '--default-tenant-owner-email: invalid email\n' +
          '--default-tenant-owner-last-name: owner_last_name cannot exceed 128 characters\n' +
          '--default-tenant-organization-name: organization_name is required\n' +
          '--default-tenant-distribution-account-type: invalid distribution account type. Expected one of ' +
          'DISTRIBUTION_ACCOUNT.STELLAR.ENV, DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
      ),
    );
  });
});
