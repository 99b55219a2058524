import { newId } from '@libs/kernel';

import { type Completed, completedPayments, type Said } from '../testing/completed-payments';
import { ACCOUNT, CoreWorld, type Given } from '../testing/given-disbursement';

const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

describe('when submission says what became of a dispatch', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });

  afterAll(async () => {
    await world.close();
  });

  const givenPending = async (count = 1): Promise<Given> => {
    const given = await world.givenStarted(
      Array.from({ length: count }, () => ({ amount: 10_000_000n, registered: true })),
    );
    await world.superuser.query(`DELETE FROM disbursements.work_items WHERE tenant_id = $1`, [
      given.tenantId,
    ]);
    await world.run(given.tenantId, async (tx) => {
      const ids = given.payments.map((payment) => payment.id);
      await world.moves.move(tx, 'release', ids);
      await world.dispatcher.dispatch(tx, ids);
    });
    return given;
  };

  const completed = (
    given: Given,
    said: Partial<Said>[],
    { hash, tenantId = given.tenantId }: { readonly hash: string | null; readonly tenantId?: string },
  ): Completed =>
    completedPayments(
      { ...given, tenantId },
      said.map((one, index) => ({
        id: given.payments[index]?.id ?? newId(),
        dispatch: 1,
        outcome: 'SUCCESS',
        amount_paid: one.outcome === undefined || one.outcome === 'SUCCESS' ? '1.0000000' : null,
        operation_id: String(index + 1),
        reason_code: null,
        ...one,
      })),
      hash,
    );

  const hear = (
    given: Given,
    said: Partial<Said>[],
    hash: string | null = HASH,
    tenantId = given.tenantId,
  ): Promise<unknown> =>
    world.run(tenantId, (tx) => world.completed.handle(tx, completed(given, said, { hash, tenantId })));

  const disbursementStatus = async (given: Given): Promise<string | undefined> =>
    (
      await world.rows<{ status: string }>(`SELECT status FROM disbursements.disbursements WHERE id = $1`, [
        given.disbursementId,
      ])
    )[0]?.status;

  const reservedLess = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (
        await world.rows<{ asset_code: string; released: string }>(
          `SELECT asset_code, released FROM disbursements.fund_reservations WHERE account = $1`,
          [ACCOUNT],
        )
      ).map((row) => [row.asset_code, row.released]),
    );

  const disputed = async (given: Given): Promise<boolean> =>
    (
      await world.rows<{ disputed: boolean }>(
        `SELECT disputed FROM disbursements.payments WHERE tenant_id = $1`,
        [given.tenantId],
      )
    )[0]?.disputed === true;

  it('settles what the ledger shows, with its proof, and completes the disbursement', async () => {
    const given = await givenPending(2);
    const before = await reservedLess();
    expect(await hear(given, [{}, {}])).toEqual({ kind: 'done' });
    expect(await world.statuses(given)).toEqual(['SUCCESS', 'SUCCESS']);
    const rows = await world.rows(
      `SELECT stellar_transaction_id, stellar_operation_id, sender_address FROM disbursements.payments WHERE tenant_id = $1 ORDER BY id`,
      [given.tenantId],
    );
    expect(rows).toEqual([
      { stellar_transaction_id: HASH, stellar_operation_id: '1', sender_address: ACCOUNT },
      { stellar_transaction_id: HASH, stellar_operation_id: '2', sender_address: ACCOUNT },
    ]);
    expect(await disbursementStatus(given)).toBe('COMPLETED');
    const after = await reservedLess();
    expect(BigInt(after['USDC'] ?? 0) - BigInt(before['USDC'] ?? 0)).toBe(20_000_000n);
    expect(BigInt(after['XLM'] ?? 0) - BigInt(before['XLM'] ?? 0)).toBe(400n);
    await world.assertCountersTrue(given);
  });

  it('accepts the same outcome told by two events', async () => {
    const given = await givenPending();
    await hear(given, [{}]);
    const before = await reservedLess();
    expect(await hear(given, [{}])).toEqual({ kind: 'done' });
    expect(await world.statuses(given)).toEqual(['SUCCESS']);
    expect(await disputed(given)).toBe(false);
    expect(await reservedLess()).toEqual(before);
  });

  it('rejects what can never be applied, and the other half of the file still completes', async () => {
    const given = await givenPending(2);
    await hear(given, [{ outcome: 'FAILED', reason_code: 'op_no_trust' }, {}]);
    expect(await world.statuses(given)).toEqual(['FAILED', 'SUCCESS']);
    expect(await disbursementStatus(given)).toBe('COMPLETED');
    const [row] = await world.rows(`SELECT status_message FROM disbursements.payments WHERE id = $1`, [
      given.payments[0]?.id,
    ]);
    expect(row).toEqual({ status_message: 'op_no_trust' });
    await world.assertCountersTrue(given);
  });

  it('ignores a failure of an older dispatch', async () => {
    const given = await givenPending();
    await world.superuser.query(`UPDATE disbursements.payments SET dispatch = 2 WHERE tenant_id = $1`, [
      given.tenantId,
    ]);
    await hear(given, [{ outcome: 'FAILED', dispatch: 1, reason_code: 'op_no_trust' }], null);
    expect(await world.statuses(given)).toEqual(['PENDING']);
    expect(await disputed(given)).toBe(false);
  });

  it('takes a withdrawn dispatch back to READY', async () => {
    const given = await givenPending();
    await hear(given, [{ outcome: 'WITHDRAWN' }], null);
    expect(await world.statuses(given)).toEqual(['READY']);
    await world.assertCountersTrue(given);
  });

  it('cancels a withdrawn dispatch whose cancellation was asked for, and frees its funds', async () => {
    const given = await givenPending();
    await world.superuser.query(
      `UPDATE disbursements.payments SET cancel_requested_at = now() WHERE tenant_id = $1`,
      [given.tenantId],
    );
    const before = await reservedLess();
    await hear(given, [{ outcome: 'WITHDRAWN' }], null);
    expect(await world.statuses(given)).toEqual(['CANCELED']);
    expect(BigInt((await reservedLess())['USDC'] ?? 0) - BigInt(before['USDC'] ?? 0)).toBe(10_000_000n);
    expect(await disbursementStatus(given)).toBe('COMPLETED');
    await world.assertCountersTrue(given);
  });

  it.each<[string, Partial<Said>]>([
    ['SUCCESS', {}],
    ['FAILED', { outcome: 'FAILED', reason_code: 'op_no_trust' }],
  ])(
    'lifts the hold of a cancellation that comes too late for %s, and keeps that it was wanted',
    async (status, said) => {
      const given = await givenPending();
      const [payment] = given.payments;
      await world.run(given.tenantId, async (tx) => {
        await world.outcomes.requestCancellation(tx, payment?.id ?? '');
        await world.holds.hold(tx, { type: 'payment', id: payment?.id ?? '' }, 'cancellation requested');
      });
      await hear(given, [said]);
      expect(await world.statuses(given)).toEqual([status]);
      expect(
        await world.rows(
          `SELECT p.cancel_requested_at IS NOT NULL AS wanted, (SELECT count(*)::int FROM submissions.holds WHERE tenant_id = $1) AS holds
           FROM disbursements.payments p WHERE p.tenant_id = $1`,
          [given.tenantId],
        ),
      ).toEqual([{ wanted: true, holds: 0 }]);
    },
  );

  it.each<[string, Partial<Said>, string]>([
    ['another dispatch than the current one was paid', { dispatch: 3 }, HASH],
    ['another amount was paid', { amount_paid: '2.0000000' }, HASH],
  ])('disputes and holds the payment when %s', async (_, said, hash) => {
    const given = await givenPending();
    expect(await hear(given, [said], hash)).toEqual({ kind: 'done' });
    expect(await world.statuses(given)).toEqual(['PENDING']);
    expect(await disputed(given)).toBe(true);
    const holds = await world.rows(
      `SELECT subject_type, reason FROM submissions.holds WHERE tenant_id = $1`,
      [given.tenantId],
    );
    expect(holds).toEqual([{ subject_type: 'payment', reason: 'disputed' }]);
    const [submission] = await world.rows(`SELECT status FROM submissions.submissions WHERE tenant_id = $1`, [
      given.tenantId,
    ]);
    expect(submission).toEqual({ status: 'WITHDRAWN' });
  });

  it('disputes a payment that two ledger transactions paid', async () => {
    const given = await givenPending();
    await hear(given, [{}]);
    await hear(given, [{}], OTHER_HASH);
    expect(await disputed(given)).toBe(true);
    expect(await world.statuses(given)).toEqual(['SUCCESS']);
  });

  it('disputes a payment that was rejected and then is shown as paid', async () => {
    const given = await givenPending();
    await hear(given, [{ outcome: 'FAILED', reason_code: 'op_no_trust' }]);
    await hear(given, [{}]);
    expect(await disputed(given)).toBe(true);
    expect(await world.statuses(given)).toEqual(['FAILED']);
  });

  it('applies nothing more to a disputed payment', async () => {
    const given = await givenPending();
    await hear(given, [{ dispatch: 3 }]);
    await hear(given, [{}]);
    expect(await world.statuses(given)).toEqual(['PENDING']);
  });

  it('does not see the payment of another tenant', async () => {
    const given = await givenPending();
    const other = await givenPending();
    expect(await hear(given, [{}], HASH, other.tenantId)).toEqual({
      kind: 'park',
      reason: 'no such payment of this tenant',
    });
    expect(await world.statuses(given)).toEqual(['PENDING']);
  });

  it('applies outcomes of several ledger transactions together, each with its own proof, and frees the funds once', async () => {
    const given = await givenPending(4);
    const ids = given.payments.map(({ id }) => id);
    const before = await reservedLess();
    const events = [
      completed(given, [{ id: ids[0] ?? '' }], { hash: HASH }),
      completed(given, [{ id: ids[1] ?? '' }], { hash: OTHER_HASH }),
      completed(given, [{ id: ids[2] ?? '' }], { hash: HASH }),
      completed(given, [{ id: ids[3] ?? '', outcome: 'FAILED', reason_code: 'op_no_trust' }], { hash: null }),
    ];
    await world.run(given.tenantId, (tx) => world.completed.handleAll(tx, events));
    const rows = await world.rows<{ id: string }>(
      `SELECT id, status, stellar_transaction_id AS hash FROM disbursements.payments WHERE tenant_id = $1`,
      [given.tenantId],
    );
    expect(rows.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id))).toEqual([
      { id: ids[0], status: 'SUCCESS', hash: HASH },
      { id: ids[1], status: 'SUCCESS', hash: OTHER_HASH },
      { id: ids[2], status: 'SUCCESS', hash: HASH },
      { id: ids[3], status: 'FAILED', hash: null },
    ]);
    const after = await reservedLess();
    expect(Number(after['USDC']) - Number(before['USDC'])).toBe(40_000_000);
    expect(Number(after['XLM']) - Number(before['XLM'])).toBe(4 * 200);
    await world.assertCountersTrue(given);
  });

  it.each([
    ['one that nobody knows', { id: newId() }],
    ['two of the same payment', null],
    ['one that contradicts the ledger', { amount_paid: '2.0000000' }],
    ['one that was withdrawn', { outcome: 'WITHDRAWN' as const }],
  ])('applies nothing of several that come together with %s: those come alone', async (_, other) => {
    const given = await givenPending(2);
    const [first, second] = given.payments.map(({ id }) => id);
    const events = [
      completed(given, [{ id: first ?? '' }], { hash: HASH }),
      completed(given, [{ id: (other === null ? first : second) ?? '', ...other }], { hash: HASH }),
    ];
    await expect(world.run(given.tenantId, (tx) => world.completed.handleAll(tx, events))).rejects.toThrow(
      /of these/,
    );
    expect(await world.statuses(given)).toEqual(['PENDING', 'PENDING']);
    expect(await disputed(given)).toBe(false);
  });
});
