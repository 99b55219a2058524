import { type EventDataOf, ledgerAccountReadyV1, ledgerAccountRequestedV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { type Asset, newId, sameAsset } from '@libs/kernel';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { type AccountRequest, AccountRequestRepository, VaultRepository } from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';
import { setTimeout as pause } from 'node:timers/promises';

import { asTenant, type EngineContext } from '../engine-context';
import { SandboxScene } from '../testing/sandbox-scene';
import { AccountRequestsService } from './account-requests.service';
import { OnLedgerAccountRequestedHandler } from './on-ledger-account-requested.handler';
import { SetupService } from './setup.service';

type Requested = EventDataOf<typeof ledgerAccountRequestedV1>;
type Ready = EventDataOf<typeof ledgerAccountReadyV1>;

describe("a tenant's ledger account", () => {
  let scene: SandboxScene;
  let service: AccountRequestsService;
  beforeAll(async () => {
    scene = await SandboxScene.open(1);
    const { world, reader, submitter } = scene;
    const context: EngineContext = {
      instanceId: newId(),
      sessionsName: 'accounts test',
      uow: world.uow,
      reader,
      submitter,
      logger: silentLogger,
      settings: {
        channelAccounts: 1,
        paymentsPerEnvelope: 1,
        maxBaseFee: 10_000n,
        lifetimeSeconds: 60,
        lookUpsPerSecond: 0,
        takeOverEveryMs: 0,
        expirySeconds: 15,
      },
    };
    service = new AccountRequestsService(context, {
      requests: new AccountRequestRepository(),
      tenants: new TenantsRepository(),
      vault: new VaultRepository(),
      keys: world.keys(),
      setup: new SetupService(context),
      outbox: new Outbox(),
      startingBalance: 50_000_000n,
    });
  });
  afterAll(async () => {
    await scene.close();
  });

  const ask = (tenantId: string, data: Requested): Promise<unknown> => {
    const handler = new OnLedgerAccountRequestedHandler(new AccountRequestRepository(), new Outbox());
    return scene.world.uow.run(asTenant(tenantId), (tx) =>
      handler.handle(tx, {
        id: newId(),
        topic: ledgerAccountRequestedV1.topic,
        key: tenantId,
        tenant_id: tenantId,
        type: 'ledger-account-requested',
        version: 1,
        occurred_at: '2026-01-01T00:00:00.000Z',
        trace: '',
        data,
      }),
    );
  };
  const request = async (tenantId: string, data: Pick<Requested, 'action' | 'asset'>): Promise<string> => {
    const id = newId();
    await ask(tenantId, { request_id: id, ...data });
    await ask(tenantId, { request_id: id, ...data });
    await scene.closingUntil(service.run());
    return id;
  };

  const answersTo = async (id: string): Promise<readonly Ready[]> => {
    const rows = await scene.world.uow.runSystem('the outbox, to check it', (tx) =>
      tx.query<{ value: Buffer }>(`SELECT value FROM eventing.outbox WHERE topic = $1`, [
        ledgerAccountReadyV1.topic,
      ]),
    );
    return rows
      .map(({ value }) => (JSON.parse(value.toString('utf8')) as { data: Ready }).data)
      .filter((one) => one.request_id === id);
  };

  const answerTo = async (id: string): Promise<Ready | undefined> => {
    const answers = await answersTo(id);
    expect(answers).toHaveLength(1);
    return answers[0];
  };

  it("is the host's where the tenant shares it", async () => {
    const id = await request(scene.world.tenantId, { action: 'create-account', asset: null });
    expect(await answerTo(id)).toMatchObject({ account: scene.world.host.address, reason: null });
  });

  it('is told again to who asks again for what was done, as the answer may be lost', async () => {
    const { tenantId } = scene.world;
    const id = await request(tenantId, { action: 'create-account', asset: null });
    await ask(tenantId, { request_id: id, action: 'create-account', asset: null });
    const [first, second, ...more] = await answersTo(id);
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });

  it('gets no trustline on a host account that is not the one stored for the tenant', async () => {
    const { world, reader } = scene;
    const tenantId = await world.addTenant('elsewhere');
    const [elsewhere, issuer] = [newLedgerKey(), newLedgerKey()];
    await scene.fund([elsewhere, issuer]);
    await new UnitOfWork(world.asDashboard).runSystem('the account that staff see', (tx) =>
      new TenantsRepository().setDistributionAccount(tx, tenantId, elsewhere.address),
    );
    const asset = { id: newId(), code: 'USD', issuer: issuer.address };
    expect(await answerTo(await request(tenantId, { action: 'trust-asset', asset }))).toMatchObject({
      account: null,
      reason: "transaction-submission has no key of the tenant's distribution account",
    });
    expect((await reader.account(world.host.address))?.balances).toHaveLength(1);
  });

  it('is created with a key of its own, trusts an asset and lets it go again', async () => {
    const { world, reader } = scene;
    const tenantId = await world.addTenant('vault', 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT');
    const created = await answerTo(await request(tenantId, { action: 'create-account', asset: null }));
    const account = created?.account ?? '';
    expect(await reader.account(account)).toMatchObject({ balances: [{ balance: 50_000_000n }] });
    expect(
      (await answerTo(await request(tenantId, { action: 'create-account', asset: null })))?.account,
    ).toBe(account);
    const issuer = newLedgerKey();
    await scene.fund([issuer]);
    const asset = { id: newId(), code: 'USD', issuer: issuer.address };
    const lines = async (): Promise<string[]> =>
      (await reader.account(account))?.balances.map((line) => line.asset.code).sort() ?? [];
    expect(await answerTo(await request(tenantId, { action: 'trust-asset', asset }))).toMatchObject({
      account,
      reason: null,
    });
    expect(await lines()).toEqual(['USD', 'XLM']);
    expect(await answerTo(await request(tenantId, { action: 'trust-asset', asset }))).toMatchObject({
      reason: null,
    });
    expect(await answerTo(await request(tenantId, { action: 'remove-asset', asset }))).toMatchObject({
      reason: null,
    });
    expect(await lines()).toEqual(['XLM']);
  });

  describe('of which a trustline is removed and added again', () => {
    const requests = new AccountRequestRepository();
    const add = async (
      tenantId: string,
      request: Pick<AccountRequest, 'action' | 'asset'>,
    ): Promise<string> => {
      const id = newId();
      await scene.world.uow.run(asTenant(tenantId), (tx) => requests.add(tx, { id, ...request }));
      return id;
    };
    const isDue = async (request: string): Promise<boolean> =>
      (await scene.world.uow.runSystem('what is due', (tx) => requests.due(tx))).some(
        ({ id }) => id === request,
      );
    const isOpen = async (id: string): Promise<boolean> => (await answersTo(id)).length === 0;
    /** A tenant whose account trusts an asset. */
    const trusting = async (
      name: string,
    ): Promise<{ tenantId: string; asset: Asset; hasLine: () => Promise<boolean> }> => {
      const tenantId = await scene.world.addTenant(name, 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT');
      const issuer = newLedgerKey();
      await scene.fund([issuer]);
      const asset = { code: 'USD', issuer: issuer.address };
      await answerTo(await request(tenantId, { action: 'create-account', asset: null }));
      const trusted = await request(tenantId, { action: 'trust-asset', asset: { id: newId(), ...asset } });
      const { account } = (await answerTo(trusted)) ?? {};
      const hasLine = async (): Promise<boolean> => {
        const found = await scene.reader.account(account ?? '');
        return found?.balances.some((line) => sameAsset(line.asset, asset)) ?? false;
      };
      return { tenantId, asset, hasLine };
    };

    it('keeps the line when the removal was postponed', async () => {
      const { tenantId, asset, hasLine } = await trusting('postponed');
      const removal = await add(tenantId, { action: 'remove-asset', asset });
      await scene.world.uow.run(asTenant(tenantId), (tx) => requests.postpone(tx, removal, 3_600));
      const trust = await add(tenantId, { action: 'trust-asset', asset });
      expect(await isDue(trust)).toBe(false);
      await scene.closingUntil(service.run());
      expect(await isOpen(trust)).toBe(true);
      await scene.world.uow.run(asTenant(tenantId), (tx) => requests.postpone(tx, removal, 0));
      await scene.closingUntil(service.run());
      expect([await isOpen(removal), await hasLine()]).toEqual([false, false]);
      await scene.closingUntil(service.run());
      expect([await isOpen(trust), await hasLine()]).toEqual([false, true]);
    });

    it('keeps the line when another instance is at the removal, even one that has looked for what is due before', async () => {
      const { tenantId, asset, hasLine } = await trusting('two-instances');
      const removal = await add(tenantId, { action: 'remove-asset', asset });
      const elsewhere = service.run();
      while (await isDue(removal)) await pause(10);
      const trust = await add(tenantId, { action: 'trust-asset', asset });
      await service.run();
      expect(await scene.world.uow.run(asTenant(tenantId), (tx) => requests.take(tx, trust, 30))).toBe(false);
      await scene.closingUntil(elsewhere);
      expect([await isOpen(removal), await isOpen(trust), await hasLine()]).toEqual([false, true, false]);
      await scene.closingUntil(service.run());
      expect([await isOpen(trust), await hasLine()]).toEqual([false, true]);
    });

    it('does not keep other assets waiting', async () => {
      const { tenantId, asset } = await trusting('other-assets');
      const removal = await add(tenantId, { action: 'remove-asset', asset });
      await scene.world.uow.run(asTenant(tenantId), (tx) => requests.postpone(tx, removal, 3_600));
      const other = await request(tenantId, {
        action: 'trust-asset',
        asset: { id: newId(), code: 'EUR', issuer: asset.issuer },
      });
      expect(await answerTo(other)).toMatchObject({ reason: null });
      expect(await isOpen(removal)).toBe(true);
    });
  });

  it('refuses an asset whose issuer does not exist, with the reason', async () => {
    const asset = { id: newId(), code: 'USD', issuer: newLedgerKey().address };
    const id = await request(scene.world.tenantId, { action: 'trust-asset', asset });
    expect(await answerTo(id)).toMatchObject({ account: null, reason: 'op_no_issuer' });
  });
});
