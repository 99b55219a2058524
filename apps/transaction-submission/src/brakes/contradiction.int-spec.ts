import { newId } from '@libs/kernel';
import { OperatorResolutions } from '@libs/submissions';
import { Client } from 'pg';

import { type Process, turn } from '../testing/engine-world';
import { type CommandOutcome, runCommand } from '../testing/run-command';
import { type FakeScene, openFakeScene, payeesOn, runUntilDone } from '../testing/run-engine';

describe('an attempt whose sequence number was used by nothing that can be found', () => {
  let scene: FakeScene;
  let process: Process;
  let attemptId: string;

  beforeEach(async () => {
    scene = await openFakeScene({ channels: 1 });
    const { world, fake } = scene;
    fake.faults.set({ loseRequest: 1 });
    await world.dispatch(payeesOn(fake, 1));
    process = world.process();
    await turn(process);
    // As if our books told of another sequence number: one that was used before anything of ours.
    await asSuperuser(`UPDATE submissions.attempts SET reference = repeat('e', 64), sequence = sequence - 1`);
    fake.faults.set({ loseRequest: 0 });
    for (let ledgers = 0; ledgers < 4; ledgers += 1) {
      fake.closeLedger(60);
      await turn(process);
    }
    const [row] = await asSuperuser('SELECT id FROM submissions.attempts WHERE contradicted_at IS NOT NULL');
    attemptId = String(row?.['id']);
  });
  afterEach(async () => {
    await scene.world.close();
  });

  async function asSuperuser(statement: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(statement);
    await client.end();
    return rows;
  }
  const anHourLater = (): Promise<unknown> =>
    asSuperuser(`UPDATE submissions.attempts SET contradicted_at = contradicted_at - interval '61 minutes'`);
  const command = (...args: string[]): Promise<CommandOutcome> =>
    runCommand('submissions', { DATABASE_URL: scene.world.testDb.url('transactionSubmission') }, args);

  it('is listed with what it would pay, and stays as it is for an hour', async () => {
    expect(await scene.world.statuses()).toEqual({ UNKNOWN: 1 });
    const listed = await command('contradictions', '--json');
    expect(JSON.parse(listed.out)).toMatchObject({
      contradictions: [{ attempt: attemptId, may_be_resolved: false, payments: [{ amount: '1.0000000' }] }],
    });
    const early = await command('resolve', attemptId, '--as', 'unpaid', '--reason', 'impatience');
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('less than an hour')]);
    scene.fake.closeLedger();
    await turn(process);
    expect(await scene.world.statuses()).toEqual({ UNKNOWN: 1 });
  });

  it('ends when a person says that nothing was paid, and its payment goes again', async () => {
    const { world, fake } = scene;
    await anHourLater();
    const resolved = await command('resolve', attemptId, '--as', 'unpaid', '--reason', 'asked two archives');
    expect([resolved.code, resolved.out]).toEqual([0, expect.stringContaining('Recorded: unpaid')]);
    await runUntilDone(scene, { next: () => process });
    expect([await world.statuses(), await world.attempts()]).toEqual([
      { SUCCESS: 1 },
      { SUPERSEDED: 1, APPLIED: 1 },
    ]);
    expect(fake.submitter.sent.length).toBeGreaterThan(1);
    const decisions = await asSuperuser(
      'SELECT kind, subject, actor, reason FROM submissions.operator_decisions',
    );
    expect(decisions).toEqual([
      {
        kind: 'resolve-contradiction',
        subject: attemptId,
        actor: expect.stringMatching(/^operator:/) as unknown,
        reason: 'asked two archives',
      },
    ]);
    expect((await command('contradictions')).out).toBe('No attempt contradicts the ledger.\n');
  });

  it('ends when a person says which ledger has paid it, and its payment is not sent again', async () => {
    const { world, fake } = scene;
    await anHourLater();
    const { sequence: ledger, closedAt } = fake.latest();
    const resolution = { as: 'paid', ledger, closedAt } as const;
    const order = { actor: 'operator:test', reason: 'an archive has it' };
    expect((await new OperatorResolutions(world.uow).resolve(attemptId, resolution, order)).ok).toBe(true);
    const sent = fake.submitter.sent.length;
    fake.closeLedger();
    await turn(process);
    expect([await world.statuses(), await world.attempts()]).toEqual([{ SUCCESS: 1 }, { APPLIED: 1 }]);
    expect(await world.outcomes()).toMatchObject([{ outcome: 'SUCCESS', reason: null }]);
    expect(fake.submitter.sent).toHaveLength(sent);
    const [row] = await asSuperuser('SELECT proof FROM submissions.attempts');
    expect(row?.['proof']).toMatchObject({ ledger, resolvedBy: 'operator:test' });
  });

  it('says what is wrong with a decision', async () => {
    await anHourLater();
    const wrong = [
      [['resolve', attemptId, '--reason', 'x'], '--as unpaid'],
      [['resolve', attemptId, '--as', 'paid', '--reason', 'x'], '--ledger'],
      [['resolve', attemptId, '--as', 'unpaid'], '--reason'],
      [['resolve', newId(), '--as', 'unpaid', '--reason', 'x'], 'No such attempt'],
      [['resolve', 'what', '--as', 'unpaid', '--reason', 'x'], 'id of an attempt'],
      [['close-finding', 'nothing', 'at-all', '--reason', 'x'], 'Kinds: unordered-payment'],
      [['continue-after-restore', '--reason', 'x'], 'nothing to continue'],
      [['pay-anyway', newId(), '--reason', 'x'], 'is not held'],
      [['explain'], 'npm run submissions'],
    ] as const;
    for (const [args, said] of wrong)
      expect(await command(...args)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining(said) as unknown,
      });
    expect((await command('--help')).out).toContain('continue-after-restore');
    expect(await scene.world.statuses()).toEqual({ UNKNOWN: 1 });
  });
});
