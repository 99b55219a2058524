import type { Role } from '@libs/contracts';

import { BY_PHONE, DisbursementWorld, idOf } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { person, type Person } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

const ANOTHER_NEEDED = { message: 'Approval recorded. Approval by another user is required.' };
const NOT_BY_CREATOR = {
  disbursement: "Disbursement can't be started by its creator. Approval by another user is required.",
  direct: "Payment can't be approved by its creator. Approval by another user is required.",
  retry: "Payment can't be retried by its creator. Approval by another user is required.",
};

describe('approval by somebody else', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  /** An organisation with this rule, whose people are: owner, financial controller, approver, initiator. */
  async function world(
    rule: { readonly isRequired?: boolean; readonly secondAbove?: bigint } = { isRequired: true },
  ): Promise<DisbursementWorld> {
    const made = await fundedWorld(server);
    await server.sql(
      'UPDATE tenants.organizations SET is_approval_required = $2, second_approver_amount = $3 WHERE tenant_id = $1',
      [made.tenant.id, rule.isRequired === true, rule.secondAbove?.toString() ?? null],
    );
    return made;
  }

  const refusal = (error: string): object => ({ status: 403, body: { error } });

  const reviewOf = async (own: DisbursementWorld, id: string): Promise<unknown> =>
    (await own.call('GET', `/disbursements/${id}/review`, undefined, 'approver')).body;

  const lines = (...people: readonly (readonly [number, string])[]): string =>
    [
      'phone,id,amount,verification',
      ...people.map(([nr, amount]) => `+2547${String(30_000_000 + nr)},P-${String(nr)},${amount},1990-01-30`),
      '',
    ].join('\n');

  const pay = (own: DisbursementWorld, to: Person, amount: string, role: Role = 'owner'): Promise<Reply> =>
    own.call(
      'POST',
      '/payments',
      {
        amount,
        asset: { id: own.assetId },
        receiver: { id: to.id },
        wallet: { id: own.walletId },
      },
      role,
    );

  const approve = (own: DisbursementWorld, id: string, role: Role = 'owner'): Promise<Reply> =>
    own.call('POST', `/payments/${id}/approval`, undefined, role);

  const retry = (own: DisbursementWorld, ids: readonly string[], role: Role = 'owner'): Promise<Reply> =>
    own.call('PATCH', '/payments/retry', { payment_ids: ids }, role);

  describe('of a disbursement', () => {
    it('is refused to who created it, who uploaded its file, and their API keys', async () => {
      const own = await world();
      const id = await own.create(BY_PHONE, 'initiator');
      await own.upload(id, lines([1, '10']), { role: 'financial_controller' });
      expect(await own.setStatus(id, 'STARTED', 'financial_controller')).toMatchObject(
        refusal(NOT_BY_CREATOR.disbursement),
      );
      expect((await own.setStatus(id, 'STARTED', 'approver')).status).toBe(200);
    });

    it('is not to be had by way of an API key, neither its own nor its maker', async () => {
      const own = await world();
      const maker = await server.user(own.tenant, 'owner');
      const headersFor = async (): Promise<Record<string, string>> => ({
        authorization: await server.apiKey(own.tenant, {
          createdBy: maker.id,
          permissions: ['read:all', 'write:all'],
        }),
        'sdp-tenant-name': own.tenant.name,
      });
      const [first, second] = [await headersFor(), await headersFor()];
      const byKey = idOf(await server.call('POST', '/disbursements', { headers: first, json: own.bodyOf() }));
      await own.upload(byKey, lines([2, '10']));
      const start = (headers: Record<string, string>): Promise<Reply> =>
        server.call('PATCH', `/disbursements/${byKey}/status`, { headers, json: { status: 'STARTED' } });
      for (const headers of [first, second])
        expect(await start(headers)).toMatchObject(refusal(NOT_BY_CREATOR.disbursement));
      const token = await server.login(own.tenant, maker.email);
      const asPerson = { token, json: { status: 'STARTED' } };
      expect(await server.call('PATCH', `/disbursements/${byKey}/status`, asPerson)).toMatchObject(
        refusal(NOT_BY_CREATOR.disbursement),
      );
      const others = await headersForOther(own);
      expect((await start(others)).status).toBe(200);
    });

    async function headersForOther(own: DisbursementWorld): Promise<Record<string, string>> {
      const { id: createdBy } = await server.user(own.tenant, 'financial_controller');
      return {
        authorization: await server.apiKey(own.tenant, { createdBy, permissions: ['write:disbursements'] }),
        'sdp-tenant-name': own.tenant.name,
      };
    }

    it('needs two people above an amount, once each, and starts with the second', async () => {
      const own = await world({ secondAbove: 15n * UNIT });
      const small = await own.ready(1, { uploader: 'initiator', amount: '15' });
      expect((await own.setStatus(small, 'STARTED', 'approver')).status).toBe(200);
      const id = await own.ready(2, { uploader: 'initiator' });
      const promised = await own.promised();
      const first = await own.setStatus(id, 'STARTED', 'approver');
      expect([first.status, first.body]).toEqual([202, ANOTHER_NEEDED]);
      const again = await own.setStatus(id, 'STARTED', 'approver');
      expect([again.status, again.body]).toEqual([202, ANOTHER_NEEDED]);
      expect([await own.promised(), (await own.events()).length]).toEqual([promised, 1]);
      expect(await reviewOf(own, id)).toMatchObject({
        status: 'READY',
        approvals: [{ first_name: 'First', last_name: 'Last' }],
      });
      expect((await own.setStatus(id, 'STARTED')).status).toBe(200);
      expect(await own.promised()).toBe(promised + 20n * UNIT + 2n * FEE);
      // Resuming is approving again; both have seen this file.
      await own.setStatus(id, 'PAUSED');
      expect((await own.setStatus(id, 'STARTED', 'approver')).status).toBe(200);
    });

    it('starts once when both approvers press at the same moment', async () => {
      const own = await world({ secondAbove: UNIT });
      const id = await own.ready(1, { uploader: 'initiator' });
      await Promise.all([own.token(), own.token('approver')]);
      const replies = await Promise.all([
        own.setStatus(id, 'STARTED'),
        own.setStatus(id, 'STARTED', 'approver'),
      ]);
      expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 202]);
      expect(await own.promised()).toBe(10n * UNIT + FEE);
    });

    it('is gone with another file, and who changed the file cannot give it', async () => {
      const own = await world({ secondAbove: UNIT });
      const id = await own.ready(1, { uploader: 'initiator' });
      expect((await own.setStatus(id, 'STARTED', 'approver')).status).toBe(202);
      await own.upload(id, lines([3, '12']), { role: 'financial_controller' });
      expect(await own.setStatus(id, 'STARTED', 'financial_controller')).toMatchObject(
        refusal(NOT_BY_CREATOR.disbursement),
      );
      expect(await reviewOf(own, id)).toMatchObject({ approvals: [] });
      expect((await own.setStatus(id, 'STARTED')).status).toBe(202);
      expect((await own.setStatus(id, 'STARTED', 'approver')).status).toBe(200);
    });
  });

  it.each([
    ['was switched off', '/users/activation', { is_active: false }],
    ['has another role', '/users/roles', { roles: ['business'] }],
  ])('does not count when who gave it %s since', async (_why, path, change) => {
    const own = await world({ secondAbove: UNIT });
    const id = await own.ready(1, { uploader: 'initiator' });
    const { id: gone, email } = await server.user(own.tenant, 'approver');
    const start = { token: await server.login(own.tenant, email), json: { status: 'STARTED' } };
    expect((await server.call('PATCH', `/disbursements/${id}/status`, start)).status).toBe(202);
    expect((await own.call('PATCH', path, { user_id: gone, ...change })).status).toBe(200);
    expect(await reviewOf(own, id)).toMatchObject({ approvals: [] });
    expect((await own.setStatus(id, 'STARTED', 'financial_controller')).status).toBe(202);
    expect((await own.setStatus(id, 'STARTED', 'approver')).status).toBe(200);
  });

  describe('is prepared by a review that', () => {
    it('sums up the file, and says how it differs from the one before', async () => {
      const own = await world();
      const id = await own.create(BY_PHONE, 'initiator');
      expect(await reviewOf(own, id)).toMatchObject({ file: null, total_payments: 0, largest_payment: null });
      await own.upload(id, lines([11, '10'], [12, '20'], [13, '30']), { name: 'may.csv' });
      expect(await reviewOf(own, id)).toMatchObject({
        file: { name: 'may.csv' },
        previous_file: null,
        new_receivers: 3,
      });
      await server.sql(
        `UPDATE disbursements.payments SET status = 'SUCCESS', stellar_transaction_id = 'x'
          WHERE id = (SELECT id FROM disbursements.payments WHERE disbursement_id = $1 AND amount = 100000000)`,
        [await paidBefore(own)],
      );
      await own.upload(id, lines([11, '10'], [12, '25'], [14, '0.0000001']), { name: 'june.csv' });
      expect(await reviewOf(own, id)).toEqual({
        disbursement_id: id,
        name: expect.any(String) as unknown,
        status: 'READY',
        asset: { code: 'XLM', issuer: '' },
        file: {
          id: expect.any(String) as unknown,
          name: 'june.csv',
          uploaded_at: expect.any(String) as unknown,
        },
        total_payments: 3,
        total_amount: '35.0000001',
        average_amount: '11.6666667',
        largest_payment: {
          payment_id: expect.any(String) as unknown,
          receiver_id: expect.any(String) as unknown,
          external_id: 'P-12',
          amount: '25.0000000',
        },
        new_receivers: 2,
        previous_file: {
          name: 'may.csv',
          payments: 3,
          amount: '60.0000000',
          added: { payments: 1, amount: '0.0000001' },
          removed: { payments: 1, amount: '30.0000000' },
          changed: { payments: 1, amount: '25.0000000', amount_before: '20.0000000' },
        },
        recipient_changes: null,
        approvals: [],
      });
    });

    /** Another disbursement, which has paid the first person of the file. Its id. */
    async function paidBefore(own: DisbursementWorld): Promise<string> {
      const id = await own.create(BY_PHONE, 'initiator');
      await own.upload(id, lines([11, '10']));
      return id;
    }

    it('leaves cancelled payments out', async () => {
      const own = await world();
      const id = await own.create();
      await own.upload(id, lines([21, '10'], [22, '20']));
      const [largest] = (await own.payments(id)).filter(
        ({ amount }) => amount === 200_000_000n || amount === '200000000',
      );
      await own.call('PATCH', `/payments/${String(largest?.['id'])}/status`, { status: 'CANCELED' });
      expect(await reviewOf(own, id)).toMatchObject({
        total_payments: 1,
        total_amount: '10.0000000',
        largest_payment: { amount: '10.0000000' },
      });
    });

    it('is not found for an unknown id, nor in another organisation', async () => {
      const [own, other] = [await world(), await world()];
      const id = await own.ready(1);
      for (const [at, wrong] of [
        [own, 'no-id'],
        [other, id],
      ] as const) {
        const reply = await at.call('GET', `/disbursements/${wrong}/review`);
        expect([reply.status, reply.body]).toEqual([404, { error: 'disbursement not found' }]);
      }
    });
  });

  describe('of a direct payment', () => {
    it('lets it go: until then it is a draft without funds, events or invitation', async () => {
      const own = await world();
      const to = await person(own, 'READY');
      const made = await pay(own, to, '10');
      expect(made).toMatchObject({ status: 201, body: { status: 'DRAFT', awaits_approval: true } });
      const id = idOf(made);
      expect([await own.promised(), await own.events()]).toEqual([0n, []]);
      expect(await approve(own, id)).toMatchObject(refusal(NOT_BY_CREATOR.direct));
      const approved = await approve(own, id, 'approver');
      expect([approved.status, approved.body]).toEqual([200, { message: 'Payment approved' }]);
      expect((await own.call('GET', `/payments/${id}`)).body).toMatchObject({
        status: 'READY',
        status_history: [
          { status: 'DRAFT' },
          {
            status: 'READY',
            status_message: expect.stringMatching(/^Payment approved by user_id /) as unknown,
          },
        ],
      });
      expect(await own.promised()).toBe(10n * UNIT + FEE);
      expect((await own.events()).map(({ type }) => type)).toEqual([
        'payment-direct-payment-created',
        'batch-receiver-wallet-sms-invitation',
      ]);
      expect(await approve(own, id, 'approver')).toMatchObject({
        status: 400,
        body: { error: 'payment is not waiting for approval' },
      });
    });

    it('lets it go once when ten approve at once, and needs the funds then', async () => {
      const own = await world();
      const to = await person(own);
      const [id, large] = [idOf(await pay(own, to, '10')), idOf(await pay(own, to, '5000'))];
      const short = await approve(own, large, 'approver');
      expect([short.status, short.text.includes('insufficient balance')]).toEqual([400, true]);
      const replies = await Promise.all(Array.from({ length: 10 }, () => approve(own, id, 'approver')));
      expect(replies.map(({ status }) => status).toSorted()).toEqual([
        200,
        ...Array.from({ length: 9 }, () => 400),
      ]);
      expect(await own.promised()).toBe(10n * UNIT + FEE);
    });

    it('needs two people above the amount', async () => {
      const own = await world({ secondAbove: 15n * UNIT });
      const to = await person(own);
      expect(await pay(own, to, '15')).toMatchObject({ body: { status: 'READY' } });
      const id = idOf(await pay(own, to, '15.0000001'));
      expect((await approve(own, id, 'approver')).status).toBe(202);
      expect((await approve(own, id, 'approver')).status).toBe(202);
      expect(await approve(own, id)).toMatchObject(refusal(NOT_BY_CREATOR.direct));
      expect((await approve(own, id, 'financial_controller')).status).toBe(200);
    });

    it('cannot come after a cancellation, which frees nothing that was not promised', async () => {
      const own = await world();
      const to = await person(own);
      await own.started(1).catch(() => undefined);
      const id = idOf(await pay(own, to, '10'));
      const promised = await own.promised();
      expect((await own.call('PATCH', `/payments/${id}/status`, { status: 'CANCELED' })).status).toBe(200);
      expect(await own.promised()).toBe(promised);
      expect((await approve(own, id, 'approver')).status).toBe(400);
    });

    it('is not found for payments of a disbursement, unknown ones and those of others', async () => {
      const [own, other] = [await world({}), await world()];
      const { payments } = await own.started(1);
      const foreign = idOf(await pay(other, await person(other), '10'));
      for (const id of [payments[0] ?? '', 'no-id', foreign]) {
        expect(await approve(own, id)).toMatchObject({ status: 404, body: { error: 'payment not found' } });
      }
    });
  });

  describe('of a retry', () => {
    it('is refused to who made the disbursement or the direct payment', async () => {
      const own = await world({});
      const { payments } = await own.failed(1);
      const direct = idOf(await pay(own, await person(own), '10', 'financial_controller'));
      await server.sql(`UPDATE disbursements.payments SET status = 'FAILED', dispatch = 1 WHERE id = $1`, [
        direct,
      ]);
      await server.sql('UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1', [
        own.tenant.id,
      ]);
      expect(await retry(own, payments)).toMatchObject(refusal(NOT_BY_CREATOR.retry));
      expect(await retry(own, [direct], 'financial_controller')).toMatchObject(refusal(NOT_BY_CREATOR.retry));
      expect((await retry(own, [direct])).status).toBe(200);
      expect((await retry(own, payments, 'financial_controller')).status).toBe(200);
    });

    it('needs two people above the amount, for this failure', async () => {
      const own = await world({});
      const { id, payments } = await own.failed(2);
      await server.sql(`UPDATE disbursements.disbursements SET status_history = '[]' WHERE id = $1`, [id]);
      await server.sql('UPDATE tenants.organizations SET second_approver_amount = 1 WHERE tenant_id = $1', [
        own.tenant.id,
      ]);
      const first = await retry(own, payments);
      expect([first.status, first.body]).toEqual([202, ANOTHER_NEEDED]);
      expect(await own.promised()).toBe(0n);
      expect((await retry(own, payments, 'financial_controller')).status).toBe(200);
      expect(await own.promised()).toBe(2n * (10n * UNIT + FEE));
      await own.movePayments(id, 'submit');
      await own.movePayments(id, 'reject');
      expect((await retry(own, payments)).status).toBe(202);
    });
  });
});
