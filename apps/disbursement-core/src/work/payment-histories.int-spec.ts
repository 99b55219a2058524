import type { TenantTx } from '@libs/persistence';

import { CoreWorld, type Given } from '../testing/given-disbursement';

/** Long enough to be seen in a time of microseconds, whatever the clock of the machine is worth. */
const BETWEEN_MS = 5;

describe('the history of a payment goes forward in time', () => {
  let world: CoreWorld;
  let given: Given;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });
  beforeEach(async () => {
    const person = { amount: 10_000_000n, registered: false };
    given = await world.givenStarted([person, person]);
  });
  afterAll(() => world.close());

  const idsOf = ({ payments }: Given): readonly string[] => payments.map(({ id }) => id).sort();

  /** Of each payment, in the order in which they were written. */
  const histories = async (): Promise<{ statuses: unknown[]; times: string[] }[]> =>
    (
      await world.rows<{ history: { status: string; timestamp: string }[] }>(
        'SELECT status_history AS history FROM disbursements.payments WHERE tenant_id = $1 ORDER BY id',
        [given.tenantId],
      )
    ).map(({ history }) => ({
      statuses: history.map(({ status }) => status),
      times: history.map(({ timestamp }) => timestamp),
    }));

  const moment = async (): Promise<void> => {
    await new Promise((resume) => setTimeout(resume, BETWEEN_MS));
  };

  it.each([
    ['those of given ids', (tx: TenantTx) => world.moves.move(tx, 'pause', idsOf(given))],
    [
      'the next ones of a disbursement',
      (tx: TenantTx) =>
        world.moves.moveNext(tx, 'pause', {
          disbursementId: given.disbursementId,
          after: null,
          limit: 10,
        }),
    ],
  ])('where who moves %s began before who moved them last', async (_, pause) => {
    await world.run(given.tenantId, async (tx) => {
      await tx.query('SELECT 1');
      await moment();
      await world.run(given.tenantId, (other) => world.moves.move(other, 'release', idsOf(given)));
      await pause(tx);
    });
    const all = await histories();
    expect(all.map(({ statuses }) => statuses)).toEqual([
      ['READY', 'PAUSED'],
      ['READY', 'PAUSED'],
    ]);
    for (const { times } of all) expect(times).toEqual([...new Set(times)].sort());
  });

  it('where somebody else writes one of them while who moves them waits for it', async () => {
    const [, second = ''] = idsOf(given);
    await world.superuser.query('BEGIN');
    await world.superuser.query('SELECT FROM disbursements.payments WHERE id = $1 FOR UPDATE', [second]);
    const moved = world.run(given.tenantId, (tx) => world.moves.moveLocked(tx, 'release', idsOf(given)));
    await world.someoneWaitsForSuperuser();
    await moment();
    await world.superuser.query(
      `UPDATE disbursements.payments SET status_history = history_entry('DRAFT', 'system:test', '') WHERE id = $1`,
      [second],
    );
    await world.superuser.query('COMMIT');
    expect(await moved).toHaveLength(2);
    const [, { statuses, times } = { statuses: [], times: [] }] = await histories();
    expect(statuses).toEqual(['DRAFT', 'READY']);
    expect(times).toEqual([...new Set(times)].sort());
  });
});
