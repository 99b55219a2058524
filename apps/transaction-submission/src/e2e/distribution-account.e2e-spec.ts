import { seedTextOf } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { PayingBrake, VaultRepository } from '@libs/submissions';

import { InstancesScene } from '../testing/instances-scene';
import { type CommandResult, runCommand } from '../testing/submission-process';

describe('npm run distribution-account', () => {
  let scene: InstancesScene;
  let tenantId: string;
  let account: string;
  beforeAll(async () => {
    scene = await InstancesScene.open({ NUM_CHANNEL_ACCOUNTS: '4' });
    tenantId = await scene.world.addTenant('kite', 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT');
    [account = ''] = await scene.world.keys().make({ purpose: 'distribution', tenantId });
    await scene.fund([account]);
  }, 120_000);
  afterAll(async () => {
    await scene.close();
  });

  const run = async (...args: string[]): Promise<CommandResult> =>
    await runCommand('distribution-account', args, scene.environment);
  const signers = async (): Promise<readonly string[]> =>
    ((await scene.reader.account(account))?.signers ?? [])
      .filter(({ weight }) => weight > 0)
      .map(({ key }) => key);
  const paid = async (): Promise<number> => (await scene.world.statuses(tenantId))['SUCCESS'] ?? 0;

  it('tells how it is used, and what is wrong with a command line', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      output: expect.stringContaining('rotate --tenant') as unknown,
    });
    const wrong = [
      [[], 'npm run distribution-account -- rotate'],
      [['rotate'], 'rotate needs --tenant'],
      [['rotate', '--tenant', 'kite'], 'Say why: --reason'],
      [['rotate', '--tenant', 'nobody', '--reason', 'x'], 'there is no tenant nobody'],
      [['rotate', '--tenant', 'acme', '--reason', 'x'], 'acme pays from the host account'],
      [['abandon', '--tenant', 'kite', '--reason', 'x'], 'no rotation is under way'],
    ] as const;
    const results = await Promise.all(wrong.map(([args]) => run(...args)));
    for (const [index, [, problem]] of wrong.entries()) {
      const result = results[index];
      expect([result?.code, result?.errors]).toEqual([1, expect.stringContaining(problem)]);
      expect(result?.errors).not.toContain('    at ');
    }
    expect((await run('view')).output).toBe('No key was ever replaced.\n');
  }, 60_000);

  it('replaces the key under load, killed and repeated, and everybody is paid once', async () => {
    const app = await scene.start();
    const payees = await scene.payees(60);
    await scene.world.dispatch(payees.slice(0, 40), { tenantId });
    await scene.until('some are paid', async () => (await paid()) > 3);
    const killed = await runCommand(
      'distribution-account',
      ['rotate', '--tenant', 'kite', '--reason', 'a drill'],
      scene.environment,
      /nothing new is signed for kite/,
    );
    expect(killed.code).toBe(null);
    await scene.world.dispatch(payees.slice(40), { tenantId });
    const metrics = await (await fetch(`http://127.0.0.1:${String(app.port)}/metrics`)).text();
    expect(metrics).toMatch(/^tss_key_rotations_under_way 1$/m);
    const done = await run('rotate', '--tenant', tenantId, '--reason', 'a drill', '--json');
    expect(done.code).toBe(0);
    const { key } = JSON.parse(done.output) as { key: string };
    expect(await signers()).toEqual([key]);
    expect(key).not.toBe(account);
    await scene.until('everybody is paid', async () => (await paid()) === payees.length);
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => amount));
    const current = await scene.world.uow.runSystem('the key of a tenant', (tx) =>
      new VaultRepository().payingKeyOf(tx, tenantId),
    );
    expect(current).toEqual({ account, key });
    expect((await run('view')).output).toMatch(new RegExp(`DONE +kite {2}account ${account} {2}${key}`));
    const after = await (await fetch(`http://127.0.0.1:${String(app.port)}/metrics`)).text();
    expect(after).toMatch(/^tss_key_rotations_under_way 0$/m);
    app.signal('SIGTERM');
    expect(await app.ended()).toBe(0);
  }, 180_000);

  it("replaces the host account's key while paying is stopped, and refuses to pay with the old one", async () => {
    const { host } = scene.world;
    const next = newLedgerKey();
    const environment = { ...scene.environment, DISTRIBUTION_SEED_NEXT: seedTextOf(next.seed) };
    const rotateHost = async (more: Readonly<Record<string, string>> = environment): Promise<CommandResult> =>
      await runCommand('distribution-account', ['rotate-host'], more);
    expect((await rotateHost(scene.environment)).errors).toContain('DISTRIBUTION_SEED_NEXT is required');
    expect((await rotateHost()).errors).toContain('payments go out: stop them first');
    const brake = new PayingBrake(scene.world.uow);
    await brake.stop({ reason: 'a new seed', actor: 'operator:test' });
    const done = await rotateHost();
    expect([done.code, done.output]).toEqual([0, expect.stringContaining(next.address)]);
    expect(done.output + done.errors).not.toContain(environment.DISTRIBUTION_SEED_NEXT);
    expect((await rotateHost()).code).toBe(0);
    const account = await scene.reader.account(host.address);
    expect(account?.signers.filter(({ weight }) => weight > 0).map(({ key }) => key)).toEqual([next.address]);
    await expect(scene.start()).rejects.toThrow(
      `${host.address}, which may not sign for the host account ${host.address}`,
    );
    const app = await scene.start({
      DISTRIBUTION_SEED: environment.DISTRIBUTION_SEED_NEXT,
      DISTRIBUTION_PUBLIC_KEY: host.address,
      NUM_CHANNEL_ACCOUNTS: '6',
    });
    await brake.resume({ reason: 'it is in place', actor: 'operator:test', hold: null });
    const payees = await scene.payees(3);
    await scene.world.dispatch(payees);
    await scene.until('they are paid', async () => (await scene.world.statuses())['SUCCESS'] === 3);
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => amount));
    await scene.until('it has made channel accounts', async () => {
      return (await scene.reader.account(host.address))?.sponsoring === 12;
    });
    app.signal('SIGTERM');
    expect(await app.ended()).toBe(0);
  }, 120_000);
});
