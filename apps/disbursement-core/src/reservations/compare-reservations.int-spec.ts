import { PromisedFundsRead } from '@libs/disbursements';
import { silentLogger } from '@libs/observability';
import { FindingRepository, type StoredFinding } from '@libs/submissions';

import { ACCOUNT, CoreWorld, type Given, ISSUER, PROMISED_BASE_FEE } from '../testing/given-disbursement';
import { CompareReservationsJob } from './compare-reservations.job';

describe('reservations beside the payments that they are for', () => {
  let world: CoreWorld;
  let given: Given;
  let job: CompareReservationsJob;

  beforeEach(async () => {
    world = await CoreWorld.open();
    const people = [10_000_000n, 20_000_000n, 30_000_000n].map((amount) => ({ amount, registered: true }));
    given = await world.givenStarted(people);
    job = new CompareReservationsJob({
      unit: world.unit,
      funds: new PromisedFundsRead(),
      findings: new FindingRepository(),
      logger: silentLogger,
      maxBaseFee: PROMISED_BASE_FEE,
    });
  });
  afterEach(async () => {
    await world.close();
  });

  const open = (): Promise<readonly StoredFinding[]> =>
    world.unit.runSystem('findings, to check them', (tx) => new FindingRepository().open(tx));
  async function compareTwice(): Promise<readonly StoredFinding[]> {
    await job.run();
    await job.run();
    return await open();
  }

  it('agree from the start over each release, payment and cancellation to the end', async () => {
    expect(await compareTwice()).toEqual([]);
    const ids = given.payments.map(({ id }) => id);
    await world.run(given.tenantId, (tx) => world.moves.move(tx, 'release', ids));
    expect(await compareTwice()).toEqual([]);
    await world.run(given.tenantId, async (tx) => {
      const moved = await world.moves.move(tx, 'cancel', ids.slice(0, 2));
      await world.funds.release(tx, moved, null);
    });
    expect(await compareTwice()).toEqual([]);
    // Another tenant may share the account.
    await world.givenStarted([{ amount: 5n, registered: false }]);
    expect(await compareTwice()).toEqual([]);
  });

  it('agree by the setting where fees were promised before their rate was kept', async () => {
    await world.superuser.query('UPDATE disbursements.disbursements SET promised_base_fee = NULL');
    expect(await compareTwice()).toEqual([]);
  });

  it('are a finding when money is promised that no payment needs, until that is mended', async () => {
    const [first] = given.payments;
    await world.superuser.query(`DELETE FROM disbursements.payments WHERE id = $1`, [first?.id]);
    await job.run();
    expect(await open()).toEqual([]);
    await job.run();
    expect(await open()).toMatchObject([
      {
        kind: 'reservation',
        subject: `${ACCOUNT} USDC:${ISSUER} +1.0000000`,
        details: { account: ACCOUNT, promised: '6.0000000', needed: '5.0000000', too_much: '1.0000000' },
      },
      { kind: 'reservation', subject: `${ACCOUNT} XLM +0.0000200` },
    ]);
    await world.superuser.query(
      `UPDATE disbursements.fund_reservations SET released = released + CASE asset_code WHEN 'XLM' THEN 200 ELSE 10000000 END`,
    );
    expect(await compareTwice()).toEqual([]);
  });

  it('are a finding when a payment needs money that is not promised', async () => {
    await world.superuser.query(
      `UPDATE disbursements.fund_reservations SET released = released + 7 WHERE asset_code = 'USDC'`,
    );
    expect(await compareTwice()).toMatchObject([
      { subject: `${ACCOUNT} USDC:${ISSUER} -0.0000007`, details: { too_little: '0.0000007' } },
    ]);
    // Nothing was promised at all.
    await world.superuser.query(`DELETE FROM disbursements.fund_reservations`);
    expect((await compareTwice()).map(({ details }) => details['promised'])).toEqual([
      '0.0000000',
      '0.0000000',
    ]);
  });

  it('do not need a payment whose disbursement has not begun', async () => {
    await world.superuser.query(`UPDATE disbursements.disbursements SET status = 'READY'`);
    expect((await compareTwice()).map(({ details }) => details['needed'])).toEqual([
      '0.0000000',
      '0.0000000',
    ]);
  });
});
