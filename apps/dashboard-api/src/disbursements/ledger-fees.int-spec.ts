import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { LedgerFees } from './ledger-fees.read-model';

const SECONDS = 1_000;

/** The clock is set by hand. */
describe('what ledgers charged for a disbursement', () => {
  let database: TestDatabase;
  let superuser: Client;
  let app: Database;
  let unitOfWork: UnitOfWork;
  let fees: LedgerFees;
  let now = 0;
  const tenantId = newId();

  beforeAll(async () => {
    database = await testDatabase();
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await superuser.query('SET session_replication_role = replica');
    app = new Database({ url: database.url('dashboardApi'), applicationName: 'ledger fees' });
    unitOfWork = new UnitOfWork(app);
    fees = new LedgerFees(unitOfWork);
  });
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await app.close();
    await superuser.end();
    await database.drop();
  });

  /** 200 stroops for each of so many ledger transactions. */
  const charge = (disbursementId: string, ledgerTransactions: number): Promise<unknown> =>
    superuser.query(
      `INSERT INTO submissions.fees (tenant_id, paid_for, attempt_id, payments, fee)
       SELECT $1, $2, gen_random_uuid(), 1, 200 FROM generate_series(1, $3::int)`,
      [tenantId, disbursementId, ledgerTransactions],
    );
  const told = (disbursementId: string): Promise<bigint> =>
    unitOfWork.run({ tenantId, actor: 'system:test', trace: '' }, (tx) => fees.of(tx, disbursementId));

  it('is exact up to ten thousand ledger transactions', async () => {
    const id = newId();
    expect(await told(id)).toBe(0n);
    await charge(id, 9_999);
    expect(await told(id)).toBe(1_999_800n);
    await charge(id, 1);
    expect(await told(id)).toBe(2_000_000n);
  });

  it('is added up once in five seconds when there are more, however many look', async () => {
    const [id, other] = [newId(), newId()];
    await charge(id, 10_001);
    expect(await told(id)).toBe(2_000_200n);
    await charge(id, 1);
    await charge(other, 2);
    now = 2 * SECONDS;
    expect([await told(id), await told(other)]).toEqual([2_000_200n, 400n]);
    now = 5 * SECONDS;
    expect(await told(id)).toBe(2_000_400n);
  });
});
