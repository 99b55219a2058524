import { newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { type Reply, TestServer } from '../testing/test-server';

const HASH = 'ab'.repeat(32);
const NOT_FAILED = "Invalid payment ID(s) provided. All payment IDs must exist and be in the 'FAILED' state.";

describe('payments that are retried', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (): Promise<DisbursementWorld> => fundedWorld(server);

  const retry = (own: DisbursementWorld, ids: unknown): Promise<Reply> =>
    own.call('PATCH', '/payments/retry', { payment_ids: ids });

  const statusOf = async (own: DisbursementWorld, id: string): Promise<unknown> =>
    (await own.payment(id))['status'];

  it('are READY again, their disbursement is open again, and the funds are promised again', async () => {
    const own = await world();
    const { id, payments } = await own.failed(2);
    expect(await retry(own, [...payments, ...payments])).toMatchObject({
      status: 200,
      body: { message: 'Payments retried successfully' },
    });
    expect(await own.disbursement(id)).toMatchObject({
      status: 'STARTED',
      total_payments_failed: 0,
      total_payments_remaining: 2,
    });
    expect(await own.promised()).toBe(2n * (10n * UNIT + FEE));
    expect((await own.events()).at(-1)).toEqual({
      topic: 'events.payment.requested',
      type: 'payment-retried',
      data: { payment_ids: expect.arrayContaining(payments) as unknown },
    });
  });

  it('forget the ledger transaction that failed, and keep it in their history', async () => {
    const own = await world();
    const { payments } = await own.failed(1);
    await retry(own, payments);
    const payment = await own.payment(payments[0] ?? '');
    expect(payment['stellar_transaction_id']).toBe('');
    expect((payment['status_history'] as { status_message: string }[]).at(-1)?.status_message).toMatch(
      new RegExp(
        `^User owner\\.[^ ]+ has requested to retry the payment - Previous Stellar Transaction ID: ${HASH}$`,
      ),
    );
  });

  it('go again though somebody wanted them cancelled before they failed', async () => {
    const own = await world();
    const { id, payments } = await own.started(1);
    const [payment = ''] = payments;
    await own.movePayments(id, 'submit');
    await own.sentToLedger(payment);
    expect((await own.call('PATCH', `/payments/${payment}/status`, { status: 'CANCELED' })).status).toBe(202);
    await own.movePayments(id, 'reject');
    expect((await retry(own, payments)).status).toBe(200);
    expect(await own.payment(payment)).not.toHaveProperty('cancellation_requested');
    expect(await server.sql('SELECT FROM submissions.holds WHERE subject_id = $1', [payment])).toEqual([]);
  });

  it('are PAUSED where the disbursement is, and told so', async () => {
    const own = await world();
    const { id, payments } = await own.failed(1);
    await server.sql(`UPDATE disbursements.disbursements SET status = 'PAUSED' WHERE id = $1`, [id]);
    expect((await retry(own, payments)).status).toBe(200);
    expect(await statusOf(own, payments[0] ?? '')).toBe('PAUSED');
    expect(
      await server.sql(
        'SELECT before, after FROM identity.audit_log WHERE tenant_id = $1 AND subject_id = $2',
        [own.tenant.id, payments[0]],
      ),
    ).toEqual([{ before: { status: 'FAILED' }, after: { status: 'PAUSED' } }]);
  });

  it('are all retried or none', async () => {
    const own = await world();
    const { payments } = await own.failed(2);
    const { payments: others } = await own.started(1);
    const stranger = await world();
    const { payments: strangers } = await stranger.failed(1);
    const promised = await own.promised();
    for (const wrong of [others[0], strangers[0], newId(), 'no-id', 5]) {
      expect(await retry(own, [...payments, wrong])).toMatchObject({
        status: 400,
        body: { error: NOT_FAILED },
      });
    }
    expect(await statusOf(own, payments[0] ?? '')).toBe('FAILED');
    expect(await own.promised()).toBe(promised);
  });

  it.each([[[]], [undefined], ['all'], [{}]])('are refused for %j', async (ids) => {
    const own = await world();
    expect(await retry(own, ids)).toMatchObject({
      status: 400,
      body: {
        error: 'The request was invalid in some way.',
        extras: { payment_ids: 'payment_ids should not be empty' },
      },
    });
  });

  it('are refused without the funds, and while they are disputed', async () => {
    const own = await world();
    const { payments } = await own.failed(1);
    own.fund(-995n * UNIT);
    const short = await retry(own, payments);
    expect([short.status, short.text.includes('insufficient balance')]).toEqual([400, true]);
    own.fund(995n * UNIT);
    await server.sql('UPDATE disbursements.payments SET disputed = true WHERE id = $1', [payments[0]]);
    expect((await retry(own, payments)).status).toBe(409);
    expect(await own.promised()).toBe(0n);
  });

  it('are retried once when ten ask at once', async () => {
    const own = await world();
    const { payments } = await own.failed(3);
    const replies = await Promise.all(Array.from({ length: 10 }, () => retry(own, payments)));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 400),
    ]);
    expect(await own.promised()).toBe(3n * (10n * UNIT + FEE));
  });
});
