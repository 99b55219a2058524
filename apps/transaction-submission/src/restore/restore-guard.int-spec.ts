import { newId } from '@libs/kernel';
import {
  EverythingHold,
  FindingRepository,
  Holds,
  type HoldSubject,
  PayingBrake,
  RESTORED_HOLD,
  type StoredFinding,
} from '@libs/submissions';
import { UnitOfWork } from '@libs/persistence';
import { Client } from 'pg';

import { asTenant } from '../engine-context';
import { type Process, turn } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

const ACTOR = 'operator:test';

describe('when the database may have forgotten what was sent', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 3 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const asSuperuser = async (...statements: string[]): Promise<void> => {
    const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  /** What a restore leaves: another timeline than the tables remember. */
  const ANOTHER_TIMELINE = 'UPDATE submissions.database_identity SET timeline = timeline + 1';
  /** A backup that was taken after the payments were queued and before they were signed. */
  const BEFORE_SIGNING = [
    'DELETE FROM submissions.attempt_submissions',
    'DELETE FROM submissions.envelopes',
    'UPDATE submissions.channel_accounts SET live_attempt = NULL, live_tenant = NULL',
    'DELETE FROM submissions.attempts',
    `UPDATE submissions.submissions SET status = 'QUEUED', attempt_id = NULL`,
    'UPDATE submissions.channel_accounts SET sequence = (SELECT min(sequence) FROM submissions.channel_accounts)',
  ];

  async function ledgers(process: Process, count: number, seconds = 30): Promise<void> {
    for (let closed = 0; closed < count; closed += 1) {
      await turn(process).catch(() => undefined);
      scene.fake.closeLedger(seconds);
    }
  }
  const found = (): Promise<readonly StoredFinding[]> =>
    scene.world.uow.runSystem('findings, to check them', (tx) => new FindingRepository().open(tx));
  const closeAll = async (): Promise<void> => {
    for (const { kind, subject } of await found())
      await scene.world.uow.runSystem('a person closes a finding', (tx) =>
        new FindingRepository().close(tx, kind, [subject], ACTOR),
      );
  };

  it('signs nothing until every forgotten attempt has had its time', async () => {
    const { world, fake } = scene;
    await world.dispatch(payeesOn(fake, 1));
    const process = await runUntilDone(scene);
    await asSuperuser(ANOTHER_TIMELINE);
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    await ledgers(process, 5, 20);
    expect(await world.statuses()).toEqual({ SUCCESS: 1, QUEUED: 2 });
    expect(process.engine.problems()).toEqual([expect.stringContaining('is being compared with the ledger')]);
    fake.closeLedger(60);
    await runUntilDone(scene, { next: () => process });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(process.engine.problems()).toEqual([]);
  });

  it('signs nothing while the ledger shows what it has forgotten, and names the payments at stake', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    await runUntilDone(scene);
    await asSuperuser(...BEFORE_SIGNING, ANOTHER_TIMELINE);
    const process = world.process();
    await ledgers(process, 12);
    expect(await world.statuses()).toEqual({ QUEUED: 2 });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(process.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
    const payments = (await found()).filter(({ kind }) => kind === 'restored-payment');
    expect(payments.map(({ details }) => details['may_have_paid']).sort()).toEqual(
      payees.map(({ paymentId }) => paymentId).sort(),
    );
    expect((await found()).map(({ kind }) => kind)).toContain('restored-sequence');
  });

  it('goes on when a person has closed what it found, and holds what may have been paid when it arrives', async () => {
    const { world, fake } = scene;
    const [known, unknown] = payeesOn(fake, 2);
    const payees = [known, unknown].filter((one) => one !== undefined);
    await world.dispatch(payees);
    await runUntilDone(scene);
    // The one was not even handed over when the backup was taken.
    await asSuperuser(
      ...BEFORE_SIGNING,
      `DELETE FROM submissions.submissions WHERE payment_id = '${unknown?.paymentId ?? ''}'`,
      `INSERT INTO submissions.holds (tenant_id, subject_type, subject_id, reason, actor)
         SELECT tenant_id, 'payment', payment_id, 'test', 'test' FROM submissions.submissions`,
      ANOTHER_TIMELINE,
    );
    const process = world.process();
    await ledgers(process, 12);
    await closeAll();
    const others = payeesOn(fake, 1);
    await world.dispatch(others);
    await ledgers(process, 4, 5);
    expect(process.engine.problems()).toEqual([]);
    expect(receivedBy(fake, others)).toEqual(others.map(({ amount }) => amount));
    await world.dispatch(payees.slice(1));
    await ledgers(process, 4, 5);
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(await world.statuses()).toEqual({ QUEUED: 2, SUCCESS: 1 });
    const holds = await world.uow.runSystem('holds', (tx) =>
      tx.query<{ reason: string }>(`SELECT reason FROM submissions.holds WHERE reason = $1`, [RESTORED_HOLD]),
    );
    expect(holds).toHaveLength(1);
  });

  it('does not take what was stored for unsent: it may have been sent in the history that is lost', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 1);
    await world.dispatch(payees);
    // The ledger has the payment; the backup was taken between storing and sending.
    await turn(world.process());
    fake.closeLedger();
    await asSuperuser(
      `UPDATE submissions.attempts SET status = 'STORED', sends = 0, sent_at_ledger = NULL`,
      `UPDATE submissions.submissions SET status = 'SIGNED'`,
      ANOTHER_TIMELINE,
    );
    const process = world.process();
    await ledgers(process, 2);
    expect([await world.statuses(), await world.attempts()]).toEqual([{ SUCCESS: 1 }, { APPLIED: 1 }]);
    await ledgers(process, 8);
    expect(process.engine.problems()).toEqual([]);
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
  });

  it('takes no dispatch back that may have been sent in the history that is lost', async () => {
    const { world, fake } = scene;
    const [done, waiting] = payeesOn(fake, 2);
    await world.dispatch([done].filter((one) => one !== undefined));
    const process = await runUntilDone(scene);
    await asSuperuser(ANOTHER_TIMELINE);
    await world.dispatch([waiting].filter((one) => one !== undefined));
    const dispatches = [done?.paymentId ?? '', waiting?.paymentId ?? '', newId()].map((paymentId) => ({
      ...{ paymentId, dispatch: 1 },
    }));
    const withdraw = async (): Promise<readonly string[]> => {
      const results = await world.uow.run(asTenant(world.tenantId), (tx) =>
        new Holds().withdraw(tx, dispatches),
      );
      const byPayment = new Map(results.map((one) => [one.paymentId, one.result]));
      return dispatches.map(({ paymentId }) => byPayment.get(paymentId) ?? 'unknown');
    };
    expect(await withdraw()).toEqual(['paid', 'live', 'live']);
    expect(await world.statuses()).toEqual({ SUCCESS: 1, QUEUED: 1 });
    await world.uow.runSystem('everything waits', (tx) =>
      new EverythingHold().lay(tx, { reason: 'test', actor: ACTOR }),
    );
    await ledgers(process, 10);
    expect(process.engine.problems()).toEqual([]);
    expect(await withdraw()).toEqual(['paid', 'withdrawn', 'withdrawn']);
  });

  it('lists for a hold whatever may have been sent in the history that is lost', async () => {
    const { world, fake } = scene;
    const [done, signed, waiting] = payeesOn(fake, 3);
    const disbursementId = newId();
    await world.dispatch(
      [done].filter((one) => one !== undefined),
      { disbursementId },
    );
    const process = await runUntilDone(scene);
    // One is signed and, as far as this database knows, unsent; the other one is not even signed.
    await world.dispatch(
      [signed].filter((one) => one !== undefined),
      { disbursementId },
    );
    await turn(process);
    await world.dispatch(
      [waiting].filter((one) => one !== undefined),
      { disbursementId },
    );
    await asSuperuser(
      `UPDATE submissions.attempts SET status = 'STORED' WHERE ended_at IS NULL`,
      ANOTHER_TIMELINE,
    );
    const open = [signed?.paymentId, waiting?.paymentId].sort();
    const asStaff = new UnitOfWork(world.asDashboard);
    const listed = async (subject: HoldSubject): Promise<readonly string[]> => {
      const still = await asStaff.run(asTenant(world.tenantId), (tx) =>
        new Holds().hold(tx, subject, 'test'),
      );
      expect(still.every(({ until }) => until.getTime() > Date.now())).toBe(true);
      return still.map(({ paymentId }) => paymentId);
    };
    expect(await listed({ type: 'payment', id: waiting?.paymentId ?? '' })).toEqual([waiting?.paymentId]);
    expect(await listed({ type: 'disbursement', id: disbursementId })).toEqual(open);
    expect(await listed({ type: 'tenant', id: world.tenantId })).toEqual(open);
    const stop = await new PayingBrake(asStaff).stop({ reason: 'test', actor: ACTOR });
    expect(stop.mayStillBePaid.map(({ paymentId }) => paymentId)).toEqual(open);

    await ledgers(process, 12);
    expect(process.engine.problems()).toEqual([]);
    // The ledger has told what became of the one; the other one can wait for ever.
    expect(await listed({ type: 'tenant', id: world.tenantId })).toEqual([]);
    expect((await new PayingBrake(asStaff).state()).mayStillBePaid).toEqual([]);
  });

  it('is seen by who signs and who sends, too, should the database change in the middle of a turn', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    const process = world.process();
    await process.watch.look();
    // The look at the beginning of the turn finds nothing; the change comes right after it.
    const { runSystem } = process.uow;
    let looked = false;
    process.uow.runSystem = async (reason, work) => {
      const done = await runSystem.call(process.uow, reason, work);
      if (!looked && reason.startsWith('is this the database')) {
        looked = true;
        await asSuperuser(ANOTHER_TIMELINE);
      }
      return done as never;
    };
    await expect(process.engine.turn()).rejects.toThrow('is not known to agree with the ledger');
    expect([looked, await world.attempts(), fake.submitter.sent]).toEqual([true, {}, []]);
  });

  it('is found by the sequence numbers, too, where files of the same database were put back', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    await runUntilDone(scene);
    await asSuperuser(...BEFORE_SIGNING);
    const process = world.process();
    await ledgers(process, 12);
    expect(process.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(await world.statuses()).toEqual({ QUEUED: 2 });
  });
});
