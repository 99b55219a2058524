import { InstancesScene } from '../testing/instances-scene';
import { type CommandResult, runCommand } from '../testing/submission-process';

interface Listed {
  readonly address: string;
  readonly status: string;
}

describe('npm run channel-accounts', () => {
  let scene: InstancesScene;
  beforeAll(async () => {
    scene = await InstancesScene.open({ NUM_CHANNEL_ACCOUNTS: '4', INSTANCE_EXPIRY_SECONDS: '2' });
  }, 120_000);
  afterAll(async () => {
    await scene.close();
  });

  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand('channel-accounts', args, scene.environment);
  const listed = async (...more: string[]): Promise<readonly Listed[]> =>
    JSON.parse((await run('view', '--json', ...more)).output) as Listed[];
  /** How many entries the host account pays the reserve of: two per channel account. */
  const sponsored = async (): Promise<number> =>
    (await scene.reader.account(scene.world.host.address))?.sponsoring ?? -1;
  const onLedger = async (address: string): Promise<boolean> =>
    (await scene.reader.account(address)) !== null;

  it('says what it can do, and what is wrong with a command line', async () => {
    expect((await run('--help')).output).toContain('npm run channel-accounts -- ensure <n>');
    const wrong = [
      [[], 'npm run channel-accounts -- create <n>'],
      [['create'], 'create needs a whole number from 1 to 1000'],
      [['ensure', '1001'], 'ensure needs a whole number from 1 to 1000'],
      [['delete'], 'delete needs either'],
      [['delete', '--channel-account-id', 'GABC'], 'GABC is not the address'],
      [['view', '7'], 'too many words'],
      [['view', '--unknown'], "Unknown option '--unknown'"],
    ] as const;
    const results = await Promise.all(wrong.map(([args]) => run(...args)));
    for (const [index, [, problem]] of wrong.entries()) {
      const result = results[index];
      expect([result?.code, result?.errors]).toEqual([1, expect.stringContaining(problem)]);
    }
  }, 60_000);

  it('creates accounts whose reserve the host account pays, also when it is killed on the way', async () => {
    const killed = await runCommand('channel-accounts', ['create', '25', '--wait', '0'], scene.environment);
    expect(killed.code).toBe(2);
    const cut = await runCommand('channel-accounts', ['ensure', '25'], scene.environment, /of 25/);
    expect(cut.code).toBe(null);
    expect((await run('ensure', '25')).output).toBe('25 of 25 on the ledger\n');
    expect(await listed()).toHaveLength(25);
    expect(await sponsored()).toBe(50);
    expect((await run('verify')).output).toBe('0 problems, 0 accounts taken out of the list\n');
  }, 120_000);

  it('merges accounts, gives their reserve back and never uses their addresses again', async () => {
    const [first = { address: '' }] = await listed();
    expect((await run('delete', '--channel-account-id', first.address)).code).toBe(0);
    expect(await onLedger(first.address)).toBe(false);
    expect(await sponsored()).toBe(48);
    expect((await run('delete', '--channel-account-id', scene.world.host.address)).errors).toContain(
      'is not one of our channel accounts',
    );
    expect((await run('ensure', '4')).output).toBe('4 of 4 on the ledger\n');
    expect(await sponsored()).toBe(8);
    const all = await listed('--all');
    expect(all.filter(({ status }) => status === 'RETIRED')).toHaveLength(21);
    expect(all.find(({ address }) => address === first.address)).toMatchObject({ status: 'RETIRED' });
    expect((await run('create', '2')).output).toBe('6 of 6 on the ledger\n');
    expect(await listed('--all')).toHaveLength(27);
  }, 120_000);

  it('lets the running app grow and shrink under load, and everybody is paid once', async () => {
    const app = await scene.start();
    const payees = await scene.payees(150);
    const paid = async (): Promise<number> => (await scene.world.statuses())['SUCCESS'] ?? 0;
    await scene.world.dispatch(payees.slice(0, 100));
    await scene.until('some are paid', async () => (await paid()) > 5);
    expect((await run('ensure', '2')).output).toBe('2 of 2 on the ledger\n');
    expect(await sponsored()).toBe(4);
    await scene.world.dispatch(payees.slice(100));
    expect((await run('ensure', '12', '--wait', '0')).code).toBe(2);
    await scene.until('everybody is paid', async () => (await paid()) === payees.length);
    await scene.until('the app has made the others', async () => (await sponsored()) === 24);
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => amount));
    const text = await (await fetch(`http://127.0.0.1:${String(app.port)}/metrics`)).text();
    expect(text).toMatch(/^tss_channel_accounts\{status="LEASED"\} 12$/m);
    expect(text).toMatch(/^tss_channel_accounts_wanted 12$/m);
    app.signal('SIGTERM');
    expect(await app.ended()).toBe(0);
  }, 180_000);

  it('finds accounts that the ledger does not have, and takes them out of the list when asked to', async () => {
    const [first = { address: '' }] = await listed();
    const gone = scene.world.host.address;
    await scene.world.uow.runSystem('somebody deletes an account behind our back', (tx) =>
      tx.execute(
        `INSERT INTO submissions.channel_accounts (address, on_ledger, sequence) VALUES ($1, true, 1)`,
        ['GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'],
      ),
    );
    const found = await run('verify');
    expect([found.code, found.output]).toEqual([
      1,
      expect.stringContaining('the ledger does not have this account'),
    ]);
    expect([first.address, gone].some((one) => found.output.includes(one))).toBe(false);
    expect(await run('verify', '--delete-invalid-accounts')).toMatchObject({
      code: 0,
      output: expect.stringContaining('1 problems, 1 accounts taken out') as unknown,
    });
    expect((await run('verify')).code).toBe(0);
    expect((await run('delete', '--delete-all-accounts')).output).toBe('0 of 0 on the ledger\n');
    expect(await sponsored()).toBe(0);
  }, 120_000);
});
