import { type Asset, formatAmount, newId } from '@libs/kernel';

import { DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { overtake } from '../testing/overtake';
import { type Reply, TestServer } from '../testing/test-server';

const EURC: Asset = { code: 'EURC', issuer: `G${'C'.repeat(55)}` };
const TOPIC = 'events.disbursement.status_changed';
const NOT_BY_CREATOR = "Disbursement can't be started by its creator. Approval by another user is required.";

const statuses = (replies: readonly Reply[]): number[] => replies.map((reply) => reply.status).toSorted();

describe('the status of a disbursement', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (spendable: bigint, asset?: Asset): Promise<DisbursementWorld> =>
    fundedWorld(server, spendable, asset);

  const statusOf = async (own: DisbursementWorld, id: string): Promise<unknown> =>
    Reflect.get(Object((await own.call('GET', `/disbursements/${id}`)).body), 'status');

  const workItemOf = async (id: string): Promise<unknown> =>
    (
      await server.sql('SELECT goal, version FROM disbursements.work_items WHERE disbursement_id = $1', [id])
    )[0];

  const holdsOn = async (id: string): Promise<unknown> =>
    await server.sql('SELECT subject_type, reason FROM submissions.holds WHERE subject_id = $1', [id]);

  describe('when it is started', () => {
    it('becomes STARTED, its funds are promised, and disbursement-core is told', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(3);
      expect(await own.setStatus(id, 'started')).toMatchObject({
        status: 200,
        body: { message: 'Disbursement started' },
      });
      expect((await own.call('GET', `/disbursements/${id}`)).body).toMatchObject({
        status: 'STARTED',
        started_by: { first_name: 'First', last_name: 'Last' },
        status_history: [{ status: 'DRAFT' }, { status: 'READY' }, { status: 'STARTED' }],
      });
      expect(await own.promised()).toBe(30n * UNIT + 3n * FEE);
      expect(await workItemOf(id)).toEqual({ goal: 'release', version: 1 });
      expect(await own.events()).toEqual([
        { topic: TOPIC, type: 'disbursement-started', data: { disbursement_id: id, goal_version: 1 } },
      ]);
    });

    it('is started once when ten ask at once', async () => {
      const own = await world(1_000n * UNIT);
      const id = await own.ready(2);
      await own.token();
      const replies = await Promise.all(Array.from({ length: 10 }, () => own.setStatus(id, 'STARTED')));
      expect(statuses(replies)).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
      for (const reply of replies.filter(({ status }) => status === 400)) {
        expect(reply.body).toEqual({ error: 'disbursement is not ready to be started' });
      }
      expect(await own.promised()).toBe(20n * UNIT + 2n * FEE);
      expect(await own.events()).toHaveLength(1);
    });

    it('needs the last stroop: one less is refused with what is missing', async () => {
      const needed = 25n * UNIT + 2n * FEE;
      const own = await world(needed - 1n);
      const id = await own.ready(2, { amount: '12.5' });
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({
        status: 409,
        body: {
          error:
            `the disbursement ${id} failed due to an account balance (${formatAmount(needed - 1n)}) that was insufficient to ` +
            `fulfill new amount (${formatAmount(needed)}) along with the pending amount (0.0000000). To complete this action, ` +
            `your distribution account (stellar:${own.account}) needs to be recharged with at least 0.0000001 XLM`,
        },
      });
      expect([await statusOf(own, id), await own.promised(), await own.events()]).toEqual(['READY', 0n, []]);
      own.fund(1n);
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({ status: 200 });
    });

    it('counts what is promised already, also to a start at the same moment', async () => {
      const own = await world(30n * UNIT);
      const ids = [await own.ready(2), await own.ready(2)];
      const replies = await Promise.all(ids.map((id) => own.setStatus(id, 'STARTED')));
      expect(statuses(replies)).toEqual([200, 409]);
      const refused = replies.find(({ status }) => status === 409);
      expect(refused?.text).toContain(
        `along with the pending amount (${formatAmount(20n * UNIT + 2n * FEE)})`,
      );
      expect(await own.promised()).toBe(20n * UNIT + 2n * FEE);
    });

    it('counts what is promised by every organisation that pays from the same account', async () => {
      const [own, neighbour] = [await world(30n * UNIT), await world(0n)];
      await server.sql('UPDATE tenants.tenants SET distribution_account_address = $2 WHERE id = $1', [
        neighbour.tenant.id,
        own.account,
      ]);
      const [mine, theirs] = [await own.ready(2), await neighbour.ready(2)];
      const replies = await Promise.all([
        own.setStatus(mine, 'STARTED'),
        neighbour.setStatus(theirs, 'STARTED'),
      ]);
      expect(statuses(replies)).toEqual([200, 409]);
      expect(await own.promised()).toBe(20n * UNIT + 2n * FEE);
    });

    it('needs the asset and XLM for the fees', async () => {
      const own = await world(0n, EURC);
      const id = await own.ready(1);
      const noAsset = await own.setStatus(id, 'STARTED');
      expect([noAsset.status, noAsset.text.includes('at least 10.0000000 EURC')]).toEqual([409, true]);
      own.fund(10n * UNIT, EURC);
      // A trustline locks half a unit more.
      const noFees = await own.setStatus(id, 'STARTED');
      expect([noFees.status, noFees.text.includes(`${formatAmount(FEE)} XLM`)]).toEqual([409, true]);
      own.fund(UNIT / 2n + FEE);
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({ status: 200 });
      expect([await own.promised(EURC), await own.promised()]).toEqual([10n * UNIT, FEE]);
    });

    it('pays what was promised when another file comes at the same moment', async () => {
      const own = await world(100_000n * UNIT);
      await own.token();
      for (let round = 0; round < 4; round += 1) {
        const before = await own.promised();
        const id = await own.ready(2);
        const [started] = await Promise.all([
          own.setStatus(id, 'STARTED'),
          own.upload(id, peopleFile(5, { amount: '7' })),
        ]);
        const payments = await own.payments(id);
        const sum = payments.reduce((total, payment) => total + BigInt(String(payment['amount'])), 0n);
        const expected = started.status === 200 ? sum + BigInt(payments.length) * FEE : 0n;
        expect((await own.promised()) - before).toBe(expected);
      }
    });

    it('is refused when another file comes while the ledger is asked', async () => {
      const own = await world(100_000n * UNIT);
      const id = await own.ready(2);
      const { reader } = server.ledger;
      const ask = reader.account.bind(reader);
      reader.account = async (address, options) => {
        reader.account = ask;
        await own.upload(id, peopleFile(2, { amount: '7' }));
        return await ask(address, options);
      };
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({
        status: 400,
        body: { error: 'disbursement is not ready to be started' },
      });
      expect([await statusOf(own, id), await own.promised()]).toEqual(['READY', 0n]);
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({ status: 200 });
      expect(await own.promised()).toBe(14n * UNIT + 2n * FEE);
    });

    it('is refused while the ledger does not answer, and nothing is promised', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(1);
      server.ledger.faults.down = true;
      try {
        expect(await own.setStatus(id, 'STARTED')).toMatchObject({ status: 503 });
      } finally {
        server.ledger.faults.down = false;
      }
      expect([await statusOf(own, id), await own.promised()]).toEqual(['READY', 0n]);
    });

    it('is refused when its wallet provider was switched off, whatever else is wrong', async () => {
      const own = await world(0n);
      const id = await own.ready(1);
      await server.sql('UPDATE catalogue.wallets SET enabled = false WHERE tenant_id = $1', [own.tenant.id]);
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({
        status: 400,
        body: { error: 'disbursement wallet is disabled' },
      });
    });

    it('is refused when its wallet provider is switched off while the ledger is asked', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(1);
      overtake(server.ledger.reader, 'account', () =>
        own.call('PATCH', `/wallets/${own.walletId}`, { enabled: false }),
      );
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({
        status: 400,
        body: { error: 'disbursement wallet is disabled' },
      });
      expect([await statusOf(own, id), await own.promised()]).toEqual(['READY', 0n]);
    });

    it.each(['DRAFT', 'STARTED', 'COMPLETED'])('is refused from %s', async (status) => {
      const own = await world(100n * UNIT);
      const id = await own.create();
      await server.sql('UPDATE disbursements.disbursements SET status = $2 WHERE id = $1', [id, status]);
      expect(await own.setStatus(id, 'STARTED')).toMatchObject({
        status: 400,
        body: { error: 'disbursement is not ready to be started' },
      });
    });
  });

  describe('when somebody else has to approve', () => {
    async function strict(): Promise<DisbursementWorld> {
      const own = await world(1_000n * UNIT);
      await server.sql('UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1', [
        own.tenant.id,
      ]);
      return own;
    }
    const refusal = { status: 403, body: { error: NOT_BY_CREATOR } };

    it('is not started by who created it, not even by the owner', async () => {
      const own = await strict();
      const id = await own.create();
      await own.upload(id, peopleFile(1), { role: 'initiator' });
      expect(await own.setStatus(id, 'STARTED', 'owner')).toMatchObject(refusal);
      expect(await own.setStatus(id, 'STARTED', 'approver')).toMatchObject({ status: 200 });
    });

    it('is not started by who brought a file, nor by who brought one before', async () => {
      const own = await strict();
      const id = await own.create(undefined, 'initiator');
      await own.upload(id, peopleFile(1), { role: 'owner' });
      await own.upload(id, peopleFile(1), { role: 'initiator' });
      expect(await own.setStatus(id, 'STARTED', 'owner')).toMatchObject(refusal);
      expect(await statusOf(own, id)).toBe('READY');
    });

    it('is not resumed by them either', async () => {
      const own = await strict();
      const id = await own.ready(1);
      await own.setStatus(id, 'STARTED', 'approver');
      expect(await own.setStatus(id, 'PAUSED', 'owner')).toMatchObject({ status: 200 });
      expect(await own.setStatus(id, 'STARTED', 'owner')).toMatchObject(refusal);
      expect(await own.setStatus(id, 'STARTED', 'financial_controller')).toMatchObject({ status: 200 });
    });
  });

  describe('when it is paused and resumed', () => {
    it('is held at submission until it is resumed, and keeps its funds', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(1);
      await own.setStatus(id, 'STARTED');
      const promised = await own.promised();

      expect(await own.setStatus(id, 'paused')).toMatchObject({
        status: 200,
        body: { message: 'Disbursement paused' },
      });
      expect(await statusOf(own, id)).toBe('PAUSED');
      expect(await holdsOn(id)).toEqual([{ subject_type: 'disbursement', reason: 'disbursement paused' }]);
      expect(await workItemOf(id)).toEqual({ goal: 'pause', version: 2 });

      expect(await own.setStatus(id, 'STARTED')).toMatchObject({
        status: 200,
        body: { message: 'Disbursement started' },
      });
      expect([await statusOf(own, id), await holdsOn(id)]).toEqual(['STARTED', []]);
      expect(await workItemOf(id)).toEqual({ goal: 'resume', version: 3 });
      expect(await own.promised()).toBe(promised);
      expect((await own.events()).map(({ type, data }) => [type, data])).toEqual([
        ['disbursement-started', { disbursement_id: id, goal_version: 1 }],
        ['disbursement-paused', { disbursement_id: id, goal_version: 2 }],
        ['disbursement-resumed', { disbursement_id: id, goal_version: 3 }],
      ]);
    });

    it('tells what was sent before and may still be paid', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(2);
      await own.setStatus(id, 'STARTED');
      await own.movePayments(id, 'release');
      const [sent = ''] = await own.movePayments(id, 'submit');
      await own.sentToLedger(sent);
      const reply = await own.setStatus(id, 'PAUSED');
      expect(reply.body).toEqual({
        message: 'Disbursement paused',
        may_still_be_paid: [{ payment_id: sent, until: expect.stringMatching(/Z$/) as unknown }],
      });
    });

    it('is not resumed when the money has gone meanwhile', async () => {
      const own = await world(11n * UNIT);
      const id = await own.ready(1);
      await own.setStatus(id, 'STARTED');
      await own.setStatus(id, 'PAUSED');
      own.fund(-5n * UNIT);
      const reply = await own.setStatus(id, 'STARTED');
      expect([reply.status, reply.text.includes('insufficient')]).toEqual([409, true]);
      expect([await statusOf(own, id), await holdsOn(id)]).toEqual([
        'PAUSED',
        [{ subject_type: 'disbursement', reason: 'disbursement paused' }],
      ]);
    });

    it('follows one of ten who pause at once', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(1);
      await own.setStatus(id, 'STARTED');
      const replies = await Promise.all(Array.from({ length: 10 }, () => own.setStatus(id, 'PAUSED')));
      expect(statuses(replies)).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
      expect(await workItemOf(id)).toEqual({ goal: 'pause', version: 2 });
    });

    it('counts each change once when people pause and resume at the same time', async () => {
      const own = await world(100n * UNIT);
      const id = await own.ready(1);
      await own.setStatus(id, 'STARTED');
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, index) => own.setStatus(id, index % 2 === 0 ? 'PAUSED' : 'STARTED')),
      );
      const changes = replies.filter(({ status }) => status === 200).length;
      const status = await statusOf(own, id);
      expect(status).toBe(changes % 2 === 0 ? 'STARTED' : 'PAUSED');
      expect(await holdsOn(id)).toHaveLength(status === 'PAUSED' ? 1 : 0);
      expect(await own.events()).toHaveLength(1 + changes);
      expect(await own.promised()).toBe(10n * UNIT + FEE);
    });

    it.each(['DRAFT', 'READY', 'PAUSED', 'COMPLETED'])('is not paused from %s', async (status) => {
      const own = await world(0n);
      const id = await own.create();
      await server.sql('UPDATE disbursements.disbursements SET status = $2 WHERE id = $1', [id, status]);
      expect(await own.setStatus(id, 'PAUSED')).toMatchObject({
        status: 400,
        body: { error: 'disbursement is not ready to be paused' },
      });
    });
  });

  it('is refused for what is no status, and for those that nobody sets', async () => {
    const own = await world(0n);
    const id = await own.ready(1);
    for (const status of ['RUNNING', '', 7, null]) {
      const reply = await own.call('PATCH', `/disbursements/${id}/status`, { status });
      expect([reply.status, reply.body]).toEqual([400, { error: 'invalid status' }]);
    }
    for (const status of ['draft', 'READY', 'COMPLETED']) {
      expect(await own.setStatus(id, status)).toMatchObject({
        status: 400,
        body: { error: "disbursement status can't be changed to the requested status" },
      });
    }
  });

  it('is not found for an unknown id, nor in another organisation', async () => {
    const [own, other] = [await world(100n * UNIT), await world(100n * UNIT)];
    const id = await own.ready(1);
    for (const wrong of [newId(), 'no-id']) {
      for (const status of ['STARTED', 'PAUSED']) {
        expect(await own.setStatus(wrong, status)).toMatchObject({
          status: 404,
          body: { error: 'disbursement not found' },
        });
      }
    }
    expect(await other.setStatus(id, 'STARTED')).toMatchObject({ status: 404 });
    expect(await statusOf(own, id)).toBe('READY');
  });
});
