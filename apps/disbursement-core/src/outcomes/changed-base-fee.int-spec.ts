import { FundReservations, PromisedFundsRead } from '@libs/disbursements';
import { XLM } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { FindingRepository, type StoredFinding } from '@libs/submissions';

import { CompareReservationsJob } from '../reservations/compare-reservations.job';
import { completedPayments, type Said } from '../testing/completed-payments';
import { ACCOUNT, CoreWorld, type Given, ISSUER, PROMISED_BASE_FEE } from '../testing/given-disbursement';

describe.each([
  ['raised', 2 * PROMISED_BASE_FEE],
  ['lowered', PROMISED_BASE_FEE / 2],
])('payments whose fees were promised before MAX_BASE_FEE was %s', (_, maxBaseFee) => {
  let world: CoreWorld;
  let given: Given;

  beforeEach(async () => {
    world = await CoreWorld.open({ maxBaseFee });
    given = await world.givenStarted([
      { amount: 10_000_000n, registered: true },
      { amount: 20_000_000n, registered: true },
    ]);
    await world.superuser.query('DELETE FROM disbursements.work_items');
    await world.run(given.tenantId, (tx) => world.moves.move(tx, 'release', ids()));
  });
  afterEach(() => world.close());

  const ids = (): string[] => given.payments.map(({ id }) => id);

  const dispatch = (): Promise<unknown> =>
    world.run(given.tenantId, (tx) => world.dispatcher.dispatch(tx, ids()));

  const hear = (...payments: Said[]): Promise<unknown> =>
    world.run(given.tenantId, (tx) =>
      world.completed.handle(tx, completedPayments(given, payments, 'a'.repeat(64))),
    );

  const said = (index: number, more: Partial<Said> = {}): Said => ({
    id: ids()[index] ?? '',
    dispatch: 1,
    outcome: 'SUCCESS',
    amount_paid: `${String(index + 1)}.0000000`,
    operation_id: '1',
    reason_code: null,
    ...more,
  });
  const failed = { outcome: 'FAILED', amount_paid: null, reason_code: 'op_no_trust' } as const;

  /** By the asset: what is promised still. */
  const promised = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(
      (
        await world.rows<{ asset_code: string; open: string }>(
          'SELECT asset_code, (reserved - released)::text AS open FROM disbursements.fund_reservations',
        )
      ).map(({ asset_code: code, open }) => [code, open]),
    );

  async function findings(): Promise<readonly StoredFinding[]> {
    const { unit } = world;
    const repository = new FindingRepository();
    const parts = { unit, funds: new PromisedFundsRead(), findings: repository, logger: silentLogger };
    const job = new CompareReservationsJob({ ...parts, maxBaseFee });
    await job.run();
    await job.run();
    return await unit.runSystem('findings, to check them', (tx) => repository.open(tx));
  }

  /** As a retry does, in a process with the setting as it is. */
  const retry = (index: number): Promise<unknown> =>
    world.run(given.tenantId, async (tx) => {
      const reservations = new FundReservations();
      const [id = ''] = ids().slice(index);
      await world.outcomes.lock(tx, [id]);
      const asset = { code: 'USDC', issuer: ISSUER };
      await reservations.reserve(tx, ACCOUNT, asset, 10_000_000n * BigInt(index + 1));
      await reservations.reserve(tx, ACCOUNT, XLM, 2n * BigInt(maxBaseFee));
      await reservations.keepBaseFee(tx, { paymentIds: [id] }, BigInt(maxBaseFee));
      await world.moves.move(tx, 'retry', [id]);
      await world.disbursements.move(tx, 'reopen', given.disbursementId);
    });

  it('leave nothing promised when the ledger has paid one and refused the other', async () => {
    await dispatch();
    await hear(said(0));
    expect(await findings()).toEqual([]);
    await hear(said(1, failed));
    expect(await world.statuses(given)).toEqual(['SUCCESS', 'FAILED']);
    expect(await promised()).toEqual({ USDC: '0', XLM: '0' });
    expect(await findings()).toEqual([]);
  });

  it('leave nothing promised when they are cancelled', async () => {
    await world.run(given.tenantId, (tx) => world.cancellations.cancel(tx, ids(), 'nobody wants them'));
    expect(await world.statuses(given)).toEqual(['CANCELED', 'CANCELED']);
    expect(await promised()).toEqual({ USDC: '0', XLM: '0' });
    expect(await findings()).toEqual([]);
  });

  it('are retried at the new rate, while others of their disbursement keep the old one', async () => {
    await dispatch();
    await hear(said(0, failed));
    await retry(0);
    const open = { USDC: '30000000', XLM: String(2 * (PROMISED_BASE_FEE + maxBaseFee)) };
    expect(await promised()).toEqual(open);
    expect(await findings()).toEqual([]);
    await dispatch();
    await hear(said(0, { dispatch: 2 }), said(1));
    expect(await world.statuses(given)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(await promised()).toEqual({ USDC: '0', XLM: '0' });
    expect(await findings()).toEqual([]);
  });
});
