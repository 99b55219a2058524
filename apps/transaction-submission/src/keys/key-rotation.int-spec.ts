import { newId } from '@libs/kernel';
import { ownKeyOf } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import {
  Holds,
  type KeyRotation,
  KeyRotationRepository,
  OperatorDecisionRepository,
  VaultRepository,
} from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';
import { Client } from 'pg';

import { SetupService } from '../accounts/setup.service';
import { asTenant, type EngineContext } from '../engine-context';
import { turn } from '../testing/engine-world';
import { KillableSubmitter } from '../testing/killable-submitter';
import { KillableUnitOfWork, KilledError, KillSwitch } from '@libs/testing';
import { SandboxScene } from '../testing/sandbox-scene';
import { KeyRotationService, type RotationOrder } from './key-rotation.service';

interface Owner {
  readonly tenantId: string;
  readonly account: string;
}

const STEPS_MAX = 60;

describe("the key of a tenant's distribution account", () => {
  let scene: SandboxScene;
  beforeAll(async () => {
    scene = await SandboxScene.open(4);
  }, 60_000);
  afterAll(async () => {
    await scene.close();
  });

  const vault = new VaultRepository();
  const rotations = new KeyRotationRepository();
  const holds = new Holds();

  /** As a process that dies at the given point, or never. */
  const contextOf = (kill = new KillSwitch(null)): EngineContext => ({
    instanceId: newId(),
    sessionsName: 'rotation test',
    uow: new KillableUnitOfWork(scene.world.database, kill),
    reader: scene.reader,
    submitter: new KillableSubmitter(scene.submitter, kill),
    logger: silentLogger,
    settings: {
      channelAccounts: 4,
      paymentsPerEnvelope: 1,
      maxBaseFee: 10_000n,
      lifetimeSeconds: 60,
      lookUpsPerSecond: 0,
      takeOverEveryMs: 0,
      expirySeconds: 15,
    },
  });
  const service = (kill?: KillSwitch): KeyRotationService => {
    const context = contextOf(kill);
    return new KeyRotationService(context, {
      rotations,
      tenants: new TenantsRepository(),
      holds,
      vault,
      decisions: new OperatorDecisionRepository(),
      keys: scene.world.keys(context.uow),
      setup: new SetupService(context),
    });
  };

  const owner = async (name: string): Promise<Owner> => {
    const tenantId = await scene.world.addTenant(name, 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT');
    const [account = ''] = await scene.world.keys().make({ purpose: 'distribution', tenantId });
    return { tenantId, account };
  };
  const funded = async (name: string): Promise<Owner> => {
    const made = await owner(name);
    await scene.fund([{ address: made.account }]);
    return made;
  };
  const orderFor = ({ tenantId }: Owner): RotationOrder => ({
    tenantId,
    actor: 'operator:test',
    reason: 'a drill',
  });

  /** Begins or resumes, and goes on to the end. */
  const rotate = async (one: Owner, worker = service()): Promise<void> => {
    await worker.begin(orderFor(one));
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      const step = await worker.advance(orderFor(one));
      if (step.kind === 'done') return;
    }
    throw new Error('the rotation does not end');
  };

  const uow = (): UnitOfWork => scene.world.uow;
  const keyOf = async ({ tenantId }: Owner): Promise<string | undefined> =>
    (await uow().runSystem('the key of a tenant', (tx) => vault.payingKeyOf(tx, tenantId)))?.key;
  const openOf = async ({ tenantId }: Owner): Promise<KeyRotation | null> =>
    await uow().run(asTenant(tenantId), (tx) => rotations.open(tx));
  const heldFor = async ({ tenantId }: Owner): Promise<readonly string[]> =>
    await uow().run(asTenant(tenantId), (tx) => holds.reasons(tx, { type: 'tenant', id: tenantId }));
  /** The keys that have any power over the account. */
  const signersOf = async ({ account }: Owner): Promise<readonly string[]> =>
    ((await scene.reader.account(account))?.signers ?? [])
      .filter(({ weight }) => weight > 0)
      .map(({ key }) => key);
  const settled = async (one: Owner): Promise<void> => {
    const key = (await keyOf(one)) ?? '';
    expect(await signersOf(one)).toEqual([key]);
    expect(await openOf(one)).toBeNull();
    expect(await heldFor(one)).toEqual([]);
  };
  const pays = async (one: Owner): Promise<void> => {
    const payees = await scene.payees(2);
    await scene.world.dispatch(payees, { tenantId: one.tenantId });
    const process = scene.world.process();
    for (let turns = 0; (await scene.world.statuses(one.tenantId))['QUEUED'] !== undefined; turns += 1) {
      if (turns > STEPS_MAX) throw new Error('nothing is signed for the tenant');
      await turn(process);
      await scene.closeLedger();
    }
    await turn(process);
    await process.leases.stop();
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => ({ amount, payments: 1 })));
  };

  it('is replaced by one that alone signs from then on, as often as it is wanted', async () => {
    const one = await funded('often');
    const first = await keyOf(one);
    await scene.closingUntil(rotate(one));
    const second = await keyOf(one);
    await settled(one);
    await scene.closingUntil(rotate(one));
    const third = await keyOf(one);
    await settled(one);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(first).toBe(one.account);
    await pays(one);
    const decisions = await uow().runSystem('what operators decided', (tx) =>
      new OperatorDecisionRepository().list(tx),
    );
    expect(decisions.find(({ subject }) => subject === one.tenantId)).toMatchObject({
      kind: 'rotate-key',
      actor: 'operator:test',
      reason: 'a drill',
      details: { oldKey: second, newKey: third },
    });
  });

  it('is not replaced before the ledger has decided about what was signed with it, and nothing is signed meanwhile', async () => {
    const one = await funded('in-flight');
    const payees = await scene.payees(6);
    await scene.world.dispatch(payees.slice(0, 3), { tenantId: one.tenantId });
    const process = scene.world.process();
    await turn(process);
    const worker = service();
    await worker.begin(orderFor(one));
    await scene.world.dispatch(payees.slice(3), { tenantId: one.tenantId });
    for (let looks = 0; looks < 3; looks += 1) {
      await turn(process);
      expect(await worker.advance(orderFor(one))).toMatchObject({ kind: 'waiting', attempts: 3 });
      expect(await signersOf(one)).toEqual([one.account]);
    }
    await scene.closeLedger();
    await turn(process);
    expect(await scene.world.statuses(one.tenantId)).toEqual({ SUCCESS: 3, QUEUED: 3 });
    await scene.closingUntil(rotate(one));
    await settled(one);
    for (let turns = 0; (await scene.world.statuses(one.tenantId))['SUCCESS'] !== 6; turns += 1) {
      if (turns > STEPS_MAX) throw new Error('nothing is signed with the new key');
      await turn(process);
      await scene.closeLedger();
    }
    await process.leases.stop();
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => ({ amount, payments: 1 })));
  });

  it('stays in force, and the tenant held, while the ledger does not change it; a repeated command finishes it', async () => {
    const one = await funded('poor');
    const worker = service();
    await worker.begin(orderFor(one));
    expect(await worker.advance(orderFor(one))).toEqual({ kind: 'under way' });
    // What is left does not bear the reserve of a further signer.
    const current = { account: one.account, key: one.account };
    const [elsewhere = ''] = await scene.world.keys().make({ purpose: 'channel', count: 1 });
    const setup = new SetupService(contextOf());
    const [feePayer, startingBalance] = [scene.world.keys().host, 99_987_000_000n];
    const move = { kind: 'create-account', account: elsewhere, funder: current, startingBalance } as const;
    await scene.closingUntil(setup.run({ source: current, feePayer, operations: [move] }));
    const refused = worker.advance(orderFor(one)).catch((error: unknown) => error);
    await scene.closingUntil(refused);
    expect(String(await refused)).toContain('does not change the key');
    expect([await keyOf(one), await signersOf(one)]).toEqual([one.account, [one.account]]);
    expect((await openOf(one))?.status).toBe('DRAINED');
    expect(await heldFor(one)).toHaveLength(1);
    const back = { kind: 'merge-account', account: ownKeyOf(elsewhere), into: one.account } as const;
    await scene.closingUntil(setup.run({ source: ownKeyOf(elsewhere), feePayer, operations: [back] }));
    await scene.closingUntil(rotate(one, worker));
    await settled(one);
  });

  it('survives a kill at any step: the next command finishes it', async () => {
    const owners: Owner[] = [];
    for (const letter of 'abcdefghijklmnopqrstuvwxyz') owners.push(await owner(`killed-${letter}`));
    await scene.fund(owners.map(({ account: address }) => ({ address })));
    const states = new Set<string>();
    let unkilled = 0;
    await scene.closingUntil(
      Promise.all(
        owners.map(async (one, index) => {
          const kill = new KillSwitch(index + 1);
          const error = await rotate(one, service(kill)).catch((caught: unknown) => caught);
          if (kill.dead) expect(error).toBeInstanceOf(KilledError);
          else unkilled += 1;
          const left = await openOf(one);
          states.add(left?.status ?? 'none');
          // Between its first step and its last nobody is paid with a key that the ledger may not know.
          expect((await heldFor(one)).length).toBe(left === null ? 0 : 1);
          // Two at once finish it: each finds what the other has done.
          const both = await Promise.allSettled([rotate(one), rotate(one)]);
          expect(both.some(({ status }) => status === 'fulfilled')).toBe(true);
        }),
      ),
    );
    for (const one of owners) await settled(one);
    expect([...states].sort()).toEqual(['DRAINED', 'HELD', 'none']);
    // Each point was killed: the last ones are beyond the end.
    expect(unkilled).toBeGreaterThan(0);
    for (const one of owners.slice(0, 2)) await pays(one);
  }, 120_000);

  it('can be given up until the ledger may have changed, and not after that', async () => {
    const one = await funded('given-up');
    const worker = service();
    await worker.begin(orderFor(one));
    await worker.abandon(orderFor(one));
    expect(await heldFor(one)).toEqual([]);
    expect(await keyOf(one)).toBe(one.account);
    await pays(one);
    await worker.begin(orderFor(one));
    expect(await worker.advance(orderFor(one))).toEqual({ kind: 'under way' });
    await expect(worker.abandon(orderFor(one))).rejects.toThrow('it is too late to give it up');
    await scene.closingUntil(rotate(one));
    await settled(one);
    await expect(worker.abandon(orderFor(one))).rejects.toThrow('no rotation is under way');
  });

  it('is replaced in the vault alone when the ledger has the new one already, as after a restored backup', async () => {
    const one = await funded('restored');
    const { nextKey } = await service().prepare(one.tenantId);
    await scene.closingUntil(rotate(one));
    const sequence = (await scene.reader.account(one.account))?.sequence;
    const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
    await client.connect();
    for (const [key, state] of [
      [nextKey, 'NEXT'],
      [one.account, 'CURRENT'],
    ]) {
      await client.query('UPDATE submissions.vault SET state = $2 WHERE key = $1', [key, state]);
    }
    await client.query('DELETE FROM submissions.key_rotations WHERE tenant_id = $1', [one.tenantId]);
    await client.end();
    expect(await keyOf(one)).toBe(one.account);
    const worker = service();
    await worker.begin(orderFor(one));
    await expect(worker.abandon(orderFor(one))).rejects.toThrow('it is too late to give it up');
    await rotate(one, worker);
    expect(await keyOf(one)).toBe(nextKey);
    await settled(one);
    expect((await scene.reader.account(one.account))?.sequence).toBe(sequence);
  });

  it('is left alone where it is not ours, where there is no account, or where it has not the power', async () => {
    const begin = async (tenantId: string): Promise<KeyRotation> =>
      await service().begin({ tenantId, actor: 'operator:test', reason: 'a drill' });
    await expect(begin(newId())).rejects.toThrow('there is no such tenant');
    await expect(begin(scene.world.tenantId)).rejects.toThrow('pays from the host account');
    const poor = await owner('without-account');
    await expect(begin(poor.tenantId)).rejects.toThrow(`the ledger has no account ${poor.account}`);
    const none = await scene.world.addTenant('without-key', 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT');
    await expect(begin(none)).rejects.toThrow('its account is not ours');
    const shared = await funded('robbed');
    const current = { account: shared.account, key: shared.account };
    const stolen = new SetupService(contextOf()).run({
      source: current,
      feePayer: scene.world.keys().host,
      operations: [{ kind: 'replace-key', account: current, newKey: newLedgerKey().address }],
    });
    await scene.closingUntil(stolen);
    await expect(begin(shared.tenantId)).rejects.toThrow('its weight is below');
    expect(await heldFor(shared)).toEqual([]);
  });
});
