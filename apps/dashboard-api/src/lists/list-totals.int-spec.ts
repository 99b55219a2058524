import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { ListTotals } from './list-totals';

const MANY = 10_001;
const SECONDS = 1_000;

/** The clock is set by hand. */
describe('the total of a long list', () => {
  let database: TestDatabase;
  let app: Database;
  let unitOfWork: UnitOfWork;
  let totals: ListTotals;
  let now = 0;
  let found = 0;
  const tenantId = newId();

  beforeAll(async () => {
    database = await testDatabase();
    app = new Database({ url: database.url('dashboardApi'), applicationName: 'list totals' });
    unitOfWork = new UnitOfWork(app);
  });
  beforeEach(() => {
    totals = new ListTotals(unitOfWork);
    [now, found] = [0, MANY];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const told = (): Promise<number> =>
    unitOfWork.run({ tenantId, actor: 'system:test', trace: '' }, (tx) =>
      totals.sum(tx, 'all', async (own) => {
        const row = await own.queryOne<{ readonly total: number }>('SELECT $1::int AS total', [found]);
        return row?.total ?? 0;
      }),
    );

  /** Until nobody uses a connection: what is counted for later has been counted. */
  const rest = async (): Promise<void> => {
    while (app.pool.totalCount > app.pool.idleCount) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is five seconds old at most', async () => {
    expect(await told()).toBe(MANY);
    found += 1;
    now = 2 * SECONDS;
    expect(await told()).toBe(MANY);
    now = 5 * SECONDS;
    expect(await told()).toBe(MANY + 1);
  });

  it('is counted again while it is still good, and whoever asks then does not wait for it', async () => {
    expect(await told()).toBe(MANY);
    found += 1;
    now = 4 * SECONDS;
    expect(await told()).toBe(MANY);
    await rest();
    now = 8 * SECONDS;
    expect(await told()).toBe(MANY + 1);
  });

  it('is told for its time where counting again failed, and then by whoever asks', async () => {
    expect(await told()).toBe(MANY);
    found = Number.NaN;
    now = 4 * SECONDS;
    expect(await told()).toBe(MANY);
    await rest();
    expect(await told()).toBe(MANY);
    now = 5 * SECONDS;
    await expect(told()).rejects.toThrow('invalid input syntax');
  });

  it('of a few is counted each time', async () => {
    found = 10;
    expect(await told()).toBe(10);
    found = 11;
    expect(await told()).toBe(11);
  });
});
