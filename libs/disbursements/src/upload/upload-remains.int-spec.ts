import { LOWEST_ID, newId } from '@libs/kernel';
import { Database, type TenantContext, UnitOfWork } from '@libs/persistence';
import {
  dearStatements,
  readersOfWhole,
  type SeenPlan,
  seePlans,
  tellPlans,
  testDatabase,
  type TestDatabase,
} from '@libs/testing';
import { Client } from 'pg';

import { UploadRemains } from './upload-remains.repository';

const PAID = 4_500;
const ELSEWHERE = 20_000;

describe('the receiver wallets that a published upload pays to', () => {
  let database: TestDatabase;
  let superuser: Client;
  let staff: Database;
  let context: TenantContext;
  let seen: SeenPlan[];
  const upload = { id: newId(), disbursementId: newId() };
  const remains = new UploadRemains();

  beforeAll(async () => {
    database = await testDatabase();
    await tellPlans(database, 'dashboardApi');
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await superuser.query('SET session_replication_role = replica');
    staff = new Database({ url: database.url('dashboardApi'), applicationName: 'test' });
    seen = seePlans(staff);
    context = { tenantId: newId(), actor: 'system:test', trace: '' };
    await payments(newId(), newId(), ELSEWHERE);
    await superuser.query('VACUUM ANALYZE disbursements.payments');
    // Of a file that was just published the planner's statistics say nothing.
    await payments(upload.disbursementId, upload.id, PAID);
  });
  afterAll(async () => {
    await staff.close();
    await superuser.end();
    await database.drop();
  });

  async function payments(disbursementId: string, uploadId: string, count: number): Promise<void> {
    await superuser.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, upload_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT $1, uuidv7(), 'DISBURSEMENT', $2, $3, uuidv7(), uuidv7(), $1, 1, CASE WHEN n % 2 = 0 THEN 'READY' ELSE 'DRAFT' END
         FROM generate_series(1, $4) AS n`,
      [context.tenantId, disbursementId, uploadId, count],
    );
  }

  it('are gone through along an index, and each is found although its payment moves back and forth meanwhile', async () => {
    seen.length = 0;
    const found: string[] = [];
    let after: string | null = LOWEST_ID;
    for (let pages = 0; after !== null; pages += 1) {
      const from: string = after;
      const page = await new UnitOfWork(staff).run(context, (tx) => remains.paidWallets(tx, upload, from));
      found.push(...page.walletIds);
      after = page.last;
      // What was paused is ready again, and the other way round.
      await superuser.query(
        `UPDATE disbursements.payments SET status = CASE status WHEN 'READY' THEN 'PAUSED' ELSE 'READY' END WHERE upload_id = $1`,
        [upload.id],
      );
    }
    const { rows } = await superuser.query<{ id: string }>(
      'SELECT receiver_wallet_id AS id FROM disbursements.payments WHERE upload_id = $1 ORDER BY id',
      [upload.id],
    );
    expect(found).toEqual(rows.map(({ id }) => id));
    expect(seen.filter(({ statement }) => statement.includes('CROSS JOIN LATERAL'))).toHaveLength(
      PAID / 1_000 + 1.5,
    );
    expect(dearStatements(seen)).toEqual([]);
    expect(readersOfWhole(['payments'], seen)).toEqual([]);
    // All of them would be gone through for each page, if they had to be put in order first.
    expect(Math.max(...seen.map(({ visited }) => visited))).toBeLessThan(3_000);
  });
});
