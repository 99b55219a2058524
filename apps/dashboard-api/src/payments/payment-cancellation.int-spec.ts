import { newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { type Reply, TestServer } from '../testing/test-server';

const HASH = 'ab'.repeat(32);

describe('payments that are cancelled', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (): Promise<DisbursementWorld> => fundedWorld(server);

  const cancel = (own: DisbursementWorld, id: string, status: unknown = 'CANCELED'): Promise<Reply> =>
    own.call('PATCH', `/payments/${id}/status`, { status });

  const statusOf = async (own: DisbursementWorld, id: string): Promise<unknown> =>
    (await own.payment(id))['status'];

  const done = { status: 200, body: { message: 'Payment canceled' } };

  it('are CANCELED before the start already, when nothing was promised for them', async () => {
    const own = await world();
    // What is promised to others is not theirs to free.
    await own.started(4);
    const others = await own.promised();
    const id = await own.ready(2);
    const [payment] = await own.payments(id);
    expect(await cancel(own, String(payment?.['id']), 'canceled')).toMatchObject(done);
    expect(await own.promised()).toBe(others);
    expect(await own.setStatus(id, 'STARTED')).toMatchObject({ status: 200 });
    expect(await own.promised()).toBe(others + 10n * UNIT + FEE);
    expect(await own.disbursement(id)).toMatchObject({
      total_payments: 2,
      total_payments_canceled: 1,
      total_payments_remaining: 1,
    });
  });

  it('are CANCELED while they are READY or PAUSED, and their funds are free again', async () => {
    const own = await world();
    const { id, payments } = await own.started(3);
    expect(await cancel(own, payments[0] ?? '')).toMatchObject(done);
    expect(await own.promised()).toBe(2n * (10n * UNIT + FEE));
    await own.setStatus(id, 'PAUSED');
    await own.movePayments(id, 'pause');
    expect(await cancel(own, payments[1] ?? '')).toMatchObject(done);
    expect(await own.promised()).toBe(10n * UNIT + FEE);
    expect(await own.payment(payments[0] ?? '')).toMatchObject({
      status: 'CANCELED',
      status_history: [{ status: 'DRAFT' }, { status: 'READY' }, { status: 'CANCELED' }],
    });
  });

  it('are CANCELED on their way, when submission has not signed them; it never will', async () => {
    const own = await world();
    const { id, payments } = await own.started(1);
    await own.movePayments(id, 'submit');
    const [payment = ''] = payments;
    expect(await cancel(own, payment)).toMatchObject(done);
    expect(await statusOf(own, payment)).toBe('CANCELED');
    expect(
      await server.sql('SELECT dispatch, status FROM submissions.submissions WHERE payment_id = $1', [
        payment,
      ]),
    ).toEqual([{ dispatch: 1, status: 'WITHDRAWN' }]);
    expect(await own.promised()).toBe(0n);
  });

  it('stay PENDING when they were sent: the cancellation is kept, and they are held', async () => {
    const own = await world();
    const { id, payments } = await own.started(1);
    await own.movePayments(id, 'submit');
    const [payment = ''] = payments;
    await own.sentToLedger(payment);
    expect(await cancel(own, payment)).toMatchObject({
      status: 202,
      body: { message: 'Payment cancellation requested' },
    });
    expect(await own.payment(payment)).toMatchObject({ status: 'PENDING', cancellation_requested: true });
    expect(await own.promised()).toBe(10n * UNIT + FEE);
    expect(
      await server.sql('SELECT subject_type FROM submissions.holds WHERE subject_id = $1', [payment]),
    ).toEqual([{ subject_type: 'payment' }]);
    expect((await own.events()).at(-1)).toEqual({
      topic: 'events.payment.requested',
      type: 'payment-cancellation-requested',
      data: { payment_ids: [payment] },
    });
  });

  it.each(['SUCCESS', 'FAILED', 'CANCELED'])('are refused when they are %s', async (status) => {
    const own = await world();
    const { payments } = await own.started(1);
    await server.sql(
      'UPDATE disbursements.payments SET status = $2, stellar_transaction_id = $3 WHERE id = $1',
      [payments[0], status, HASH],
    );
    expect(await cancel(own, payments[0] ?? '')).toMatchObject({
      status: 400,
      body: { error: 'payment is not ready to be canceled' },
    });
    expect(await own.promised()).toBe(10n * UNIT + FEE);
  });

  it('are refused while they are disputed', async () => {
    const own = await world();
    const { payments } = await own.started(1);
    await server.sql('UPDATE disbursements.payments SET disputed = true WHERE id = $1', [payments[0]]);
    expect((await cancel(own, payments[0] ?? '')).status).toBe(409);
    expect(await statusOf(own, payments[0] ?? '')).toBe('READY');
  });

  it('complete the disbursement when the last open one goes', async () => {
    const own = await world();
    const { id, payments } = await own.started(2);
    await cancel(own, payments[0] ?? '');
    expect((await own.disbursement(id))['status']).toBe('STARTED');
    await cancel(own, payments[1] ?? '');
    expect((await own.disbursement(id))['status']).toBe('COMPLETED');
  });

  it('are cancelled once when ten ask at once, and free their funds once', async () => {
    const own = await world();
    const { payments } = await own.started(2);
    const replies = await Promise.all(Array.from({ length: 10 }, () => cancel(own, payments[0] ?? '')));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 400),
    ]);
    expect(await own.promised()).toBe(10n * UNIT + FEE);
  });

  it('end CANCELED whether the dispatch or the cancellation comes first', async () => {
    const own = await world();
    const { id, payments } = await own.started(6);
    const [replies] = await Promise.all([
      Promise.all(payments.map((payment) => cancel(own, payment))),
      own.movePayments(id, 'submit'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual(payments.map(() => 200));
    expect(await own.disbursement(id)).toMatchObject({
      status: 'COMPLETED',
      total_payments_canceled: 6,
      total_payments_remaining: 0,
    });
    expect(await own.promised()).toBe(0n);
  });

  it('are refused for other statuses and unknown ids', async () => {
    const own = await world();
    const { payments } = await own.started(1);
    const [payment = ''] = payments;
    for (const status of ['GONE', '', null, 5]) {
      expect((await cancel(own, payment, status)).body).toEqual({ error: 'invalid status' });
    }
    for (const status of ['READY', 'success']) {
      expect((await cancel(own, payment, status)).body).toEqual({
        error: "payment status can't be changed to the requested status",
      });
    }
    for (const id of [newId(), 'no-id']) {
      expect(await cancel(own, id)).toMatchObject({ status: 404, body: { error: 'payment not found' } });
    }
    expect((await cancel(await world(), payment)).status).toBe(404);
    expect(await statusOf(own, payment)).toBe('READY');
  });
});
