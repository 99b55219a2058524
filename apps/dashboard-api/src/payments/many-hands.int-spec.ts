import { FundReservations, FundsOfPayments, PaymentMoves } from '@libs/disbursements';
import type { PaymentStatus } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

import type { DisbursementWorld } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { person } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

const ROUNDS = 40;
/** Less than all of them want at once. */
const SPENDABLE = 200n * UNIT;
const MAX_BASE_FEE = 10_000;

/** What a person or disbursement-core does again and again while the others do theirs. */
type Hand = () => Promise<unknown>;

describe('money that many hands let go, stop and take back at the same time', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let disbursements: readonly string[];

  beforeAll(async () => {
    server = await TestServer.start();
    own = await fundedWorld(server, SPENDABLE);
    disbursements = [await own.ready(3), await own.ready(3), await own.ready(3, { amount: '40' })];
  });
  afterAll(() => server.stop());

  const one = <T>(list: readonly T[]): T => {
    const chosen = list[Math.floor(Math.random() * list.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  };
  /** Some payments of this organisation, whichever. */
  async function some(...statuses: readonly PaymentStatus[]): Promise<string[]> {
    const rows = await server.sql(
      `SELECT id FROM disbursements.payments WHERE tenant_id = $1 AND status = ANY($2) ORDER BY random() LIMIT 2`,
      [own.tenant.id, statuses],
    );
    return rows.map(({ id }) => String(id));
  }
  /** As disbursement-core, in one database transaction. */
  const asCore = (work: (tx: TenantTx) => Promise<unknown>): Promise<unknown> =>
    server.platform.unitOfWork.run({ tenantId: own.tenant.id, actor: 'system:test', trace: '' }, work);

  const moves = new PaymentMoves();
  const funds = new FundsOfPayments(new FundReservations(), MAX_BASE_FEE);
  async function release(): Promise<void> {
    const started = await server.sql(
      `SELECT p.id FROM disbursements.payments p JOIN disbursements.disbursements d ON d.id = p.disbursement_id
        WHERE d.tenant_id = $1 AND d.status = 'STARTED' AND p.status = 'DRAFT' LIMIT 2`,
      [own.tenant.id],
    );
    const ids = started.map(({ id }) => String(id));
    await asCore((tx) => moves.move(tx, 'release', ids));
  }
  async function submit(): Promise<void> {
    const ids = await some('READY');
    const set = 'dispatch = p.dispatch + 1, dispatched_at = now()';
    await asCore((tx) => moves.move(tx, 'submit', ids, '', { set, values: [] }));
  }
  async function reject(): Promise<void> {
    const ids = await some('PENDING');
    const set = `stellar_transaction_id = '${'ab'.repeat(32)}'`;
    await asCore(async (tx) => {
      await funds.release(tx, await moves.move(tx, 'reject', ids, '', { set, values: [] }), null);
    });
  }

  /** What the rows say is open: amounts and fees, in stroops. */
  async function openMoney(): Promise<bigint> {
    const [row] = await server.sql(
      `SELECT coalesce(sum(p.amount + $2), 0)::text AS open
         FROM disbursements.payments p LEFT JOIN disbursements.disbursements d ON d.id = p.disbursement_id
        WHERE p.tenant_id = $1 AND (p.status IN ('READY', 'PENDING', 'PAUSED')
           OR (p.status = 'DRAFT' AND d.status IN ('STARTED', 'PAUSED')))`,
      [own.tenant.id, FEE],
    );
    return BigInt(String(row?.['open']));
  }

  it('is promised to the stroop for what is open, is never more than there is, and no request fails', async () => {
    const payees = [await person(own), await person(own, 'READY')];
    const order = (): object => ({
      amount: '15',
      asset: { id: own.assetId },
      receiver: { id: one(payees).id },
      wallet: { id: own.walletId },
    });
    await own.token();
    const replies: Reply[] = [];
    const asking = (ask: () => Promise<Reply>) => async (): Promise<void> => {
      replies.push(await ask());
    };
    const most: bigint[] = [];
    const hands: readonly Hand[] = [
      asking(() => own.setStatus(one(disbursements), 'STARTED')),
      asking(() => own.setStatus(one(disbursements), 'PAUSED')),
      asking(() => own.call('POST', '/payments', order())),
      asking(async () => {
        const [id = own.assetId] = await some('DRAFT', 'READY', 'PAUSED', 'PENDING');
        return await own.call('PATCH', `/payments/${id}/status`, { status: 'CANCELED' });
      }),
      asking(async () => own.call('PATCH', '/payments/retry', { payment_ids: await some('FAILED') })),
      release,
      submit,
      reject,
      async () => most.push(await own.promised()),
    ];
    await Promise.all(
      hands.map(async (hand) => {
        for (let round = 0; round < ROUNDS; round += 1) await hand();
      }),
    );
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
    // All of it was at work, not only refused.
    for (const text of [
      'Disbursement started',
      'Disbursement paused',
      'Payment canceled',
      'Payments retried',
    ])
      expect(replies.some((reply) => reply.text.includes(text))).toBe(true);
    expect(await own.promised()).toBe(await openMoney());
    expect(most.every((promised) => promised <= SPENDABLE)).toBe(true);
  }, 60_000);
});
