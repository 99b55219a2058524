import { KeptCountersRead } from '@libs/disbursements';
import { silentLogger } from '@libs/observability';
import { FindingRepository, type StoredFinding } from '@libs/submissions';

import { CoreWorld } from '../testing/given-disbursement';
import { CompareCountersJob } from './compare-counters.job';

describe('the counters of disbursements beside their payments', () => {
  let world: CoreWorld;
  let job: CompareCountersJob;

  beforeEach(async () => {
    world = await CoreWorld.open();
    job = new CompareCountersJob({
      unit: world.unit,
      counters: new KeptCountersRead(),
      findings: new FindingRepository(),
      logger: silentLogger,
    });
  });
  afterEach(() => world.close());

  const compare = async (): Promise<readonly StoredFinding[]> => {
    await job.run();
    return await world.unit.runSystem('findings, to check them', (tx) => new FindingRepository().open(tx));
  };

  it('agree through every move, for each tenant', async () => {
    const people = [10_000_000n, 20_000_000n].map((amount) => ({ amount, registered: true }));
    const given = await world.givenStarted(people);
    await world.givenStarted(people);
    expect(await compare()).toEqual([]);
    await world.drain.run();
    await world.until(given.tenantId, 'PENDING', 2);
    expect(await compare()).toEqual([]);
  });

  it('are a finding when they differ, until they are right again', async () => {
    const given = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.superuser.query(
      `UPDATE disbursements.disbursements SET count_success = 1, amount_success = 5 WHERE id = $1`,
      [given.disbursementId],
    );
    expect(await compare()).toMatchObject([
      {
        kind: 'disbursement-counter',
        subject: given.disbursementId,
        tenantId: given.tenantId,
        details: { success: 'counted 1 (0.0000005), there are 0 (0.0000000)' },
      },
    ]);
    await world.superuser.query(
      `UPDATE disbursements.disbursements SET count_success = 0, amount_success = 0`,
    );
    expect(await compare()).toEqual([]);
  });

  it('are compared for the others when it fails for one tenant', async () => {
    const given = [
      await world.givenStarted([{ amount: 10_000_000n, registered: false }]),
      await world.givenStarted([{ amount: 10_000_000n, registered: false }]),
    ].sort((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
    await world.superuser.query('UPDATE disbursements.disbursements SET count_success = 1');
    await world.superuser.query(
      `CREATE FUNCTION fail_for_the_first() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.tenant = '${given[0]?.tenantId ?? ''}' THEN RAISE 'a broken row'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER fail_for_the_first BEFORE INSERT ON submissions.findings FOR EACH ROW EXECUTE FUNCTION fail_for_the_first()`,
    );
    expect(await compare()).toMatchObject([{ tenantId: given[1]?.tenantId }]);
  });

  it('do not count rows of a file that is not published', async () => {
    const given = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.superuser.query(`UPDATE disbursements.payments SET upload_id = uuidv7() WHERE id = $1`, [
      given.payments[0]?.id,
    ]);
    expect(await compare()).toMatchObject([
      { details: { draft: 'counted 1 (1.0000000), there are 0 (0.0000000)' } },
    ]);
  });
});
