import { receiverWalletNewInvitationV1 } from '@libs/contracts';

import { CoreWorld, type Given } from '../testing/given-disbursement';
import type { ChunkDone } from './work-step.service';

describe('one step of the work on a disbursement', () => {
  let world: CoreWorld;
  let given: Given;

  beforeAll(async () => {
    world = await CoreWorld.open();
    given = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
  });
  afterAll(() => world.close());

  /** How its commit goes to the disk: on waits for it, as everywhere but on the server of the tests. */
  const commitOfNextStep = async (): Promise<unknown> =>
    await world.run(given.tenantId, async (tx) => {
      await tx.execute('SET LOCAL synchronous_commit = on');
      await world.step.take(tx, null);
      return (await tx.queryOne(`SELECT current_setting('synchronous_commit') AS commits`))?.['commits'];
    });

  const steps = async (count: number): Promise<unknown[]> => {
    const commits: unknown[] = [];
    while (commits.length < count) commits.push(await commitOfNextStep());
    return commits;
  };

  const turn = async ({ tenantId, disbursementId }: Given, move: 'pause' | 'resume'): Promise<void> => {
    await world.run(tenantId, async (tx) => {
      const version = (await world.disbursements.moveToGoal(tx, move, disbursementId)) ?? 0;
      await world.workItems.put(tx, { disbursementId, goal: move, version });
    });
  };

  it('waits for the disk where people are invited and the work ends, and not where a chunk moves, which is moved again if it is lost', async () => {
    expect(await steps(3)).toEqual(['off', 'on', 'on']);
    expect(await world.statuses(given)).toEqual(['READY']);
    await turn(given, 'pause');
    expect(await steps(2)).toEqual(['off', 'on']);
    expect(await world.statuses(given)).toEqual(['PAUSED']);
    await turn(given, 'resume');
    expect(await steps(3)).toEqual(['off', 'on', 'on']);
    expect(await world.statuses(given)).toEqual(['READY']);
  });

  /**
   * Takes the work to its end where it has to wait for what somebody else writes of the first two payments or wallets, and has not
   * committed.
   */
  async function workBeside(write: string): Promise<Given> {
    const people = Array.from({ length: 3 }, () => ({ amount: 10_000_000n, registered: false }));
    const own = await world.givenStarted(people);
    const written = own.payments.slice(0, 2);
    await world.superuser.query('BEGIN');
    await world.superuser.query(write, [
      own.tenantId,
      written.flatMap(({ id, receiverWalletId }) => [id, receiverWalletId]),
    ]);
    const work = world.drain.run();
    await world.someoneWaitsForSuperuser();
    await world.superuser.query('COMMIT');
    await work;
    return own;
  }

  const rowsOf = async ({ disbursementId }: Given): Promise<unknown[]> =>
    await world.rows(
      `SELECT p.status, p.wallet_registered AS listed, w.status AS wallet, w.invited_at IS NOT NULL AS written
         FROM disbursements.payments p JOIN receivers.receiver_wallets w ON w.id = p.receiver_wallet_id
        WHERE p.disbursement_id = $1 ORDER BY listed, written`,
      [disbursementId],
    );

  it('moves payments too that somebody else writes in that moment, and keeps what they wrote', async () => {
    const own = await workBeside(
      'UPDATE disbursements.payments SET wallet_registered = true WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    );
    const moved = { status: 'READY', listed: true, wallet: 'READY', written: false };
    expect(await rowsOf(own)).toEqual([{ ...moved, listed: false }, moved, moved]);
  });

  it('invites people too of whom somebody else writes in that moment, and keeps what they wrote', async () => {
    const own = await workBeside(
      'UPDATE receivers.receiver_wallets SET invited_at = now() WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    );
    const moved = { status: 'READY', listed: false, wallet: 'READY', written: true };
    expect(await rowsOf(own)).toEqual([{ ...moved, written: false }, moved, moved]);
  });

  it('invites those whom it released, beside the next ones, and each of them once', async () => {
    const own = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.superuser.query(ADD_MANY, [own.disbursementId, MANY]);
    const released = await world.run(own.tenantId, (tx) => world.step.take(tx, null));
    expect(released).toMatchObject({ more: true, released: true, reached: { move: 'release' } });
    if (released.reached === null) throw new Error('a chunk has a place that it reached');
    const { reached } = released;
    expect(await invitedOf(own)).toBe(0);
    const [next, more] = await Promise.all([
      world.run(own.tenantId, (tx) => world.step.take(tx, reached)),
      world.run(own.tenantId, (tx) => world.step.inviteBehind(tx, reached)),
    ]);
    expect([next.released, more, (await invitedOf(own)) >= 2_500]).toEqual([true, true, true]);
    // Whoever dies here leaves the rest to the next run, which begins without knowing how far it came.
    await world.drain.run();
    expect(await invitedOf(own)).toBe(MANY + 1);
    const told = (await world.published(receiverWalletNewInvitationV1, own.tenantId)).flatMap(
      ({ data }) => data.receiver_wallet_ids,
    );
    expect([told.length, new Set(told).size]).toEqual([MANY + 1, MANY + 1]);
  });

  it('leaves invitations to the work of today when the disbursement was paused and resumed beside it', async () => {
    const own = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    const { reached } = await world.run(own.tenantId, (tx) => world.step.take(tx, null));
    if (reached === null) throw new Error('a chunk has a place that it reached');
    await turn(own, 'pause');
    expect(await world.run(own.tenantId, (tx) => world.step.inviteBehind(tx, reached))).toBe(false);
    expect(await invitedOf(own)).toBe(0);
    await turn(own, 'resume');
    await world.drain.run();
    expect(await invitedOf(own)).toBe(1);
  });

  it('goes on with the release when an invitation fails beside it, and then invites everybody', async () => {
    const own = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.superuser.query(ADD_MANY, [own.disbursementId, MANY]);
    const invite = jest.spyOn(world.step, 'inviteBehind').mockRejectedValueOnce(new Error('no connection'));
    await world.drain.run();
    expect([invite.mock.calls.length, await invitedOf(own)]).toEqual([1, MANY + 1]);
    invite.mockRestore();
    expect(new Set(await world.statuses(own))).toEqual(new Set(['READY']));
  });

  it('invites after a resume without looking through all that moved before each chunk', async () => {
    const own = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.superuser.query(ADD_MANY, [own.disbursementId, MANY]);
    await world.drain.run();
    await turn(own, 'pause');
    await world.drain.run();
    await turn(own, 'resume');
    const next = (done: ChunkDone | null): Promise<ChunkDone> =>
      world.run(own.tenantId, (tx) => world.step.take(tx, done?.reached ?? null));
    let done = await next(null);
    while (done.reached?.move !== 'invite') done = await next(done);
    const moves = jest.spyOn(world.moves, 'moveNext');
    while (done.reached?.move === 'invite') done = await next(done);
    expect([done.more, moves.mock.calls.length, await invitedOf(own)]).toEqual([true, 0, MANY + 1]);
    await world.drain.run();
    moves.mockRestore();
    expect(
      await world.rows('SELECT FROM disbursements.work_items WHERE tenant_id = $1', [own.tenantId]),
    ).toEqual([]);
  });

  const invitedOf = async ({ tenantId }: Given): Promise<number> => {
    const [row] = await world.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM receivers.receiver_wallets WHERE tenant_id = $1 AND status = 'READY'`,
      [tenantId],
    );
    return row?.n ?? 0;
  };

  /** The pages of the indexes by which single payments and receiver wallets are found. */
  const pagesOfIndexes = async (): Promise<readonly number[]> => {
    const rows = await world.rows<{ pages: number }>(
      `SELECT (pg_relation_size(name::regclass) / 8192)::int AS pages FROM unnest($1::text[]) AS name ORDER BY name`,
      [
        [
          'disbursements.payments_pkey',
          'disbursements.payments_receiver_wallet',
          'receivers.receiver_wallets_pkey',
          'receivers.receiver_wallets_tenant_id_receiver_id_wallet_id_key',
        ],
      ],
    );
    return rows.map((row) => row.pages);
  };

  it('writes all anew into the pages of the indexes by which they are found: the upload has left room there', async () => {
    const own = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.superuser.query(ADD_MANY, [own.disbursementId, MANY]);
    const before = await pagesOfIndexes();
    await world.drain.run();
    expect(await world.statuses(own)).toEqual(Array.from({ length: MANY + 1 }, () => 'READY'));
    const after = await pagesOfIndexes();
    // Only the last page of each was full.
    const grown = after.filter((pages, index) => pages > 1.25 * (before[index] ?? 0));
    expect([before, after, grown]).toEqual([before, after, []]);
  });
});

const MANY = 5_000;
/** More payments of the disbursement, each with its person and receiver wallet, as an upload adds them. */
const ADD_MANY = `
  WITH one AS (
    SELECT p.tenant_id, p.disbursement_id, p.asset_id, w.wallet_id
      FROM disbursements.payments p JOIN receivers.receiver_wallets w ON w.id = p.receiver_wallet_id WHERE p.disbursement_id = $1),
  people AS MATERIALIZED (
    SELECT one.*, nr, uuidv7() AS receiver, uuidv7() AS receiver_wallet FROM one, generate_series(1, $2::int) AS nr),
  receivers AS (
    INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
    SELECT tenant_id, receiver, '+254' || (900000000 + nr), 'x' FROM people),
  wallets AS (
    INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
    SELECT tenant_id, receiver_wallet, receiver, wallet_id, 'DRAFT' FROM people),
  counted AS (
    UPDATE disbursements.disbursements SET count_draft = count_draft + $2, amount_draft = amount_draft + 10000000 * $2::bigint
     WHERE id = $1)
  INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount)
  SELECT tenant_id, uuidv7(), 'DISBURSEMENT', disbursement_id, receiver, receiver_wallet, asset_id, 10000000 FROM people`;
