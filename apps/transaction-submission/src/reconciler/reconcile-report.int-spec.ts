import { payWithoutUs } from '../testing/pay-without-us';
import { type CommandOutcome, runCommand } from '../testing/run-command';
import { SandboxScene } from '../testing/sandbox-scene';

describe('npm run reconcile', () => {
  let scene: SandboxScene;
  beforeEach(async () => {
    scene = await SandboxScene.open(2);
    await scene.control('clock', { stopAt: '2030-01-01T00:00:00Z' });
    await scene.closeLedger();
    await reconcile();
  });
  afterEach(() => scene.close());

  const reconcile = (...args: string[]): Promise<CommandOutcome> =>
    runCommand(
      'reconcile',
      {
        DATABASE_URL: scene.world.testDb.url('transactionSubmission'),
        HORIZON_URL: scene.sandbox.url,
        NETWORK_PASSPHRASE: scene.sandbox.passphrase,
        DISTRIBUTION_PUBLIC_KEY: scene.world.host.address,
      },
      args,
    );

  it('says so when everything agrees', async () => {
    await scene.world.dispatch(await scene.payees(3));
    await scene.runUntilDone({});
    const told = await reconcile();
    expect([told.code, told.out]).toEqual([0, expect.stringContaining('3 operations that took money out')]);
    expect(told.out).toContain('The books and the ledger agree.');
    const json = await reconcile('--json');
    expect([json.code, JSON.parse(json.out)]).toMatchObject([0, { outflows: 0, findings: [] }]);
  });

  it('tells what does not agree, and ends with 2', async () => {
    const [stranger] = await scene.payees(1);
    await payWithoutUs(scene, stranger?.destination ?? '');
    const told = await reconcile();
    expect([told.code, told.out]).toEqual([2, expect.stringContaining('unordered-payment')]);
    expect(told.out).toContain(`to: ${stranger?.destination ?? ''}`);
    const json = await reconcile('--json');
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      2,
      { findings: [{ kind: 'unordered-payment' }] },
    ]);
  });

  it('compares again from a moment, and no more than that', async () => {
    for (let payments = 0; payments < 2; payments += 1) {
      await scene.world.dispatch(await scene.payees(1));
      await scene.runUntilDone({});
      await scene.closeLedger(3_600);
    }
    await reconcile();
    const all = await reconcile('--since', '2030-01-01', '--json');
    expect([all.code, JSON.parse(all.out)]).toMatchObject([0, { outflows: 2 }]);
    const later = await reconcile('--since', '2030-01-01T00:59:00Z', '--json');
    expect(JSON.parse(later.out)).toMatchObject({ outflows: 1 });
  });

  it('says what is wrong with its arguments and settings, and ends with 1', async () => {
    expect(await reconcile('--since', 'yesterday')).toMatchObject({
      code: 1,
      err: expect.stringContaining('2026-05-01') as unknown,
    });
    expect(await reconcile('--what')).toMatchObject({ code: 1, out: '' });
    const bare = await runCommand('reconcile', {}, []);
    expect([bare.code, bare.err]).toEqual([1, expect.stringContaining('HORIZON_URL')]);
    expect((await reconcile('--help')).out).toContain('Exit code: 0 everything agrees, 2 there are findings');
  });
});
