import { type EventDataOf, paymentCompletedV1, paymentReadyToPayV1 } from '@libs/contracts';
import { newId, XLM } from '@libs/kernel';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import { Pool } from 'pg';

import { asTenant } from '../engine-context';
import { payee } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

type ReadyData = EventDataOf<typeof paymentReadyToPayV1>;
type ReadyPayment = ReadyData['payments'][number];

const CONTRACT_ADDRESS = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';

describe('an event with something wrong in it', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 4 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const payment = (change: Partial<ReadyPayment> = {}): ReadyPayment => ({
    id: newId(),
    dispatch: 1,
    receiver_wallet_id: newId(),
    amount: '1.0000000',
    destination: payeesOn(scene.fake, 1)[0]?.destination ?? '',
    memo: null,
    ...change,
  });
  const event = (
    payments: readonly ReadyPayment[],
    asset: ReadyData['asset'] = { id: newId(), code: XLM.code, issuer: '' },
  ): ReadyData => ({ disbursement_id: newId(), asset, payments: [...payments] });
  /** As it comes over the wire: what the contract refuses would be parked as a whole. */
  const handOver = async (data: ReadyData, tenantId = scene.world.tenantId): Promise<void> => {
    const read = paymentReadyToPayV1.data.parse(JSON.parse(JSON.stringify(data)));
    await scene.world.handOver(tenantId, read);
  };
  const reasonOf = async (id: string): Promise<string | null | undefined> =>
    (await scene.world.outcomes()).find((one) => one.id === id)?.reason;

  it.each([
    ['a negative amount', { amount: '-1.0000000' }, 'amount_not_positive'],
    ['an amount of nothing', { amount: '0.0000000' }, 'amount_not_positive'],
    ['an amount with eight decimals', { amount: '1.00000001' }, 'amount_too_many_decimals'],
    ['more than there is', { amount: '999999999999.0000000' }, 'amount_too_large'],
    ['words for an amount', { amount: 'ten' }, 'amount_not_a_number'],
    ['a destination that is none', { destination: 'GABC' }, 'destination_not_an_account'],
    ['a contract address', { destination: CONTRACT_ADDRESS }, 'contract_addresses_cannot_be_paid'],
    [
      'a memo with a contract address',
      { destination: CONTRACT_ADDRESS, memo: { type: 'id', value: '7' } },
      'memo_with_contract_address',
    ],
    ['a memo of an unknown type', { memo: { type: 'emoji', value: 'x' } }, 'memo_type_unknown'],
    ['an empty memo', { memo: { type: 'text', value: '' } }, 'memo_empty'],
    ['a memo that PostgreSQL cannot keep', { memo: { type: 'text', value: 'a\0b' } }, 'memo_with_zero_byte'],
  ])('rejects %s alone, with its reason, and pays the others', async (_, change, reason) => {
    const [good, bad, other] = [payment(), payment(change), payment()];
    await handOver(event([good, bad, other]));
    await runUntilDone(scene);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2, ERROR: 1 });
    expect(await reasonOf(bad.id)).toBe(reason);
    expect(await reasonOf(good.id)).toBeNull();
  });

  it('rejects what is to be paid in an asset that the organisation does not know, and holds nobody for it', async () => {
    const asset = { id: newId(), code: 'USD', issuer: newLedgerKey().address };
    const lost = payment();
    await handOver(event([lost], asset));
    // The id of an asset that it knows, with another issuer.
    const known = { id: newId(), code: 'EUR', issuer: newLedgerKey().address };
    await scene.world.addAsset(scene.world.tenantId, known);
    const forged = payment();
    await handOver(event([forged], { ...known, issuer: newLedgerKey().address }));
    const good = payment();
    await handOver(event([good]));
    await runUntilDone(scene);
    expect([await reasonOf(lost.id), await reasonOf(forged.id), await reasonOf(good.id)]).toEqual([
      'asset_unknown',
      'asset_unknown',
      null,
    ]);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 1, ERROR: 2 });
  });

  it('ignores a payment that comes again with another amount or destination, says so, and pays what came first', async () => {
    const told: object[] = [];
    scene.world.logger = { ...silentLogger, error: (fields) => told.push(fields) };
    const [one, other] = [payeesOn(scene.fake, 1), payeesOn(scene.fake, 1)];
    const first = payment({ destination: one[0]?.destination ?? '' });
    const good = payment();
    await handOver(event([first, { ...first, amount: '5.0000000' }, good]));
    await handOver(event([first]));
    await handOver(event([{ ...first, destination: other[0]?.destination ?? '' }]));
    await runUntilDone(scene);
    await handOver(event([{ ...first, amount: '9.0000000' }]));
    await runUntilDone(scene, { turns: 3 });
    expect(receivedBy(scene.fake, [...one, ...other])).toEqual([10_000_000n, 0n]);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2 });
    const [row] = await scene.world.uow.run(asTenant(scene.world.tenantId), (tx) =>
      tx.query<{ notes: bigint }>(
        `SELECT count(*) AS notes FROM submissions.submissions, jsonb_array_elements(status_history) AS entry
          WHERE tenant_id = $1 AND payment_id = $2 AND entry ->> 'reason' LIKE '%other contents%'`,
        [scene.world.tenantId, first.id],
      ),
    );
    expect(row?.notes).toBe(3n);
    expect(told).toEqual(Array(3).fill({ paymentId: first.id, dispatch: 1 }));
  });

  it('pays nothing for a dispatch of a payment that is open or paid under another one, and says so', async () => {
    const told: object[] = [];
    scene.world.logger = { ...silentLogger, error: (fields) => told.push(fields) };
    const [open, twice, bad] = [payment(), payment(), payment({ amount: '0.0000000' })];
    await handOver(event([open, bad]));
    // Open, both at once, and one whose first dispatch has ended unpaid.
    await handOver(event([{ ...open, dispatch: 2 }, twice, { ...twice, dispatch: 2 }]));
    await handOver(event([{ ...bad, dispatch: 2, amount: '1.0000000' }]));
    await runUntilDone(scene);
    // Paid.
    await handOver(event([{ ...open, dispatch: 3 }]));
    await runUntilDone(scene, { turns: 3 });
    const received = [open, twice, bad].map(({ destination }) => ({ ...payee(), destination }));
    expect(receivedBy(scene.fake, received)).toEqual([10_000_000n, 10_000_000n, 10_000_000n]);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 3, ERROR: 4 });
    const outcomes = await scene.world.outcomes();
    expect(outcomes.filter(({ reason }) => reason === 'other_dispatch_open')).toHaveLength(3);
    const { tenantId } = scene.world;
    expect(told).toEqual([
      { tenantId, paymentId: open.id, dispatch: 2 },
      { tenantId, paymentId: twice.id, dispatch: 2 },
      { tenantId, paymentId: open.id, dispatch: 3 },
    ]);
  });

  describe('from another organisation', () => {
    let theirs: ReadyPayment;
    beforeEach(async () => {
      theirs = payment();
      await belongsTo(await scene.world.addTenant('other'), theirs);
    });

    const belongsTo = async (tenantId: string, { id }: ReadyPayment): Promise<void> => {
      const asSuperuser = new Pool({ connectionString: scene.world.testDb.superuserUrl, max: 1 });
      await asSuperuser.query(
        `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status)
         VALUES ($1, $2, 'DIRECT', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 10000000, 'PENDING')`,
        [tenantId, id],
      );
      await asSuperuser.end();
    };
    const reasonKept = async ({ id }: ReadyPayment): Promise<unknown> =>
      await scene.world.uow.run(asTenant(scene.world.tenantId), (tx) =>
        tx.queryOne(
          'SELECT status, reason_code AS reason FROM submissions.submissions WHERE tenant_id = $1 AND payment_id = $2',
          [tx.tenantId, id],
        ),
      );
    /** The payments of each event that tells outcomes, read as whoever takes it reads it. */
    const told = async (): Promise<readonly (readonly unknown[])[]> => {
      const rows = await scene.world.uow.runSystem('the outbox, to check it', (tx) =>
        tx.query<{ value: Buffer }>('SELECT value FROM eventing.outbox WHERE topic = $1 ORDER BY seq', [
          paymentCompletedV1.topic,
        ]),
      );
      return rows.map(({ value }) => {
        const { data } = JSON.parse(value.toString('utf8')) as { readonly data: unknown };
        return paymentCompletedV1.data
          .parse(data)
          .payments.map(({ id, reason_code: reason }) => ({ id, reason }));
      });
    };

    it('is rejected alone, logged, and nothing is paid for it', async () => {
      const logged: object[] = [];
      scene.world.logger = { ...silentLogger, error: (fields) => logged.push(fields) };
      const mine = payment();
      await belongsTo(scene.world.tenantId, mine);
      await handOver(event([theirs, mine]));
      await runUntilDone(scene);
      expect(await reasonKept(theirs)).toEqual({
        status: 'ERROR',
        reason: 'payment_of_another_organisation',
      });
      expect(await reasonOf(mine.id)).toBeNull();
      expect(receivedBy(scene.fake, [{ ...payee(), destination: theirs.destination }])).toEqual([0n]);
      expect(logged).toEqual([{ tenantId: scene.world.tenantId, payments: [theirs.id] }]);
    });

    it('has no part in what is told of the faulty ones beside it, also when they come again', async () => {
      const mine = payment({ amount: '1.00000001' });
      const both = event([theirs, mine]);
      await handOver(both);
      const outcome = [{ id: mine.id, reason: 'amount_too_many_decimals' }];
      expect(await told()).toEqual([outcome]);
      await handOver(both);
      expect(await told()).toEqual([outcome, outcome]);
    });
  });
});
