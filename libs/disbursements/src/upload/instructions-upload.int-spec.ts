import { Readable } from 'node:stream';

import { ManualClock, newId } from '@libs/kernel';
import { Database, type TenantContext, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase, twoTenantSuite } from '@libs/testing';
import { Client } from 'pg';

import { DisbursementsRepository } from '../disbursements.repository';
import { InstructionsFile } from './instructions-file';
import { InstructionsUpload } from './instructions-upload.service';
import { UploadStage } from './upload-stage.repository';
import { UploadsRepository } from './uploads.repository';

const KEY = Buffer.alloc(32, 1);
const PEPPER = Buffer.alloc(32, 2);

const uploads = new UploadsRepository(KEY);
const service = new InstructionsUpload(uploads, new ManualClock(new Date('2026-06-01T00:00:00Z')), PEPPER);

const fileOf = async (rows: number): Promise<InstructionsFile> => {
  const lines = Array.from(
    { length: rows },
    (_, index) => `+2547${String(10_000_000 + index)},P-${String(index)},1,1990-01-30\n`,
  );
  return await InstructionsFile.receive(
    'people.csv',
    Readable.from([Buffer.from('phone,id,amount,verification\n'), ...lines.map((line) => Buffer.from(line))]),
  );
};

const disbursementOf = (name: string) => ({
  name,
  assetId: newId(),
  walletId: newId(),
  contactType: 'PHONE_NUMBER' as const,
  verificationField: 'DATE_OF_BIRTH' as const,
  messageTemplate: '',
  createdBy: newId(),
});

twoTenantSuite('uploaded files', {
  app: 'dashboardApi',
  tables: [
    'disbursements.disbursements',
    'disbursements.uploads',
    'disbursements.payments',
    'receivers.receivers',
    'receivers.receiver_wallets',
    'receivers.verifications',
  ],
  given: async (tx) => {
    const disbursementId = (await new DisbursementsRepository().add(tx, disbursementOf('aid'))) ?? '';
    await service.publish(tx, { disbursementId, file: await fileOf(2) });
  },
});

describe('the upload of a file', () => {
  let database: TestDatabase;
  let connections: Database;
  let unitOfWork: UnitOfWork;
  const context: TenantContext = { tenantId: newId(), actor: 'system:test', trace: '' };

  beforeAll(async () => {
    database = await testDatabase();
    connections = new Database({
      url: database.url('dashboardApi'),
      applicationName: 'upload',
      connectionsMax: 2,
    });
    unitOfWork = new UnitOfWork(connections);
  });
  afterAll(async () => {
    await connections.close();
    await database.drop();
  });

  const create = async (name: string): Promise<string> =>
    (await unitOfWork.run(context, (tx) => new DisbursementsRepository().add(tx, disbursementOf(name)))) ??
    '';

  async function asSuperuser(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  it('reads the file again when its database transaction has to run again', async () => {
    const disbursementId = await create('deadlock');
    const file = await fileOf(50);
    let runs = 0;
    await unitOfWork.run(context, async (tx) => {
      await service.publish(tx, { disbursementId, file });
      runs += 1;
      if (runs === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    });
    expect(runs).toBe(2);
    const [row] = await asSuperuser(
      `SELECT d.count_draft, (SELECT count(*)::int FROM disbursements.payments p WHERE p.disbursement_id = d.id) AS payments
         FROM disbursements.disbursements d WHERE id = $1`,
      [disbursementId],
    );
    expect(row).toEqual({ count_draft: 50, payments: 50 });
  });

  it('ends with an error when the connection is cut while rows are copied, and writes nothing', async () => {
    const lines = async function* (pid: number) {
      for (let line = 2; line < 200_000; line += 1) {
        if (line === 20_000) await asSuperuser('SELECT pg_terminate_backend($1)', [pid]);
        yield { line, contact: `+2547${String(10_000_000 + line)}`, instruction: null };
      }
    };
    const kind = { contactType: 'PHONE_NUMBER', verificationField: null } as const;
    const cut = unitOfWork.run(context, async (tx) => {
      const row = await tx.queryOne<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await UploadStage.fill(tx, lines(row?.pid ?? 0), {
        kind,
        secrets: { pepper: PEPPER, withContact: false },
      });
    });
    await expect(cut).rejects.toThrow();
    // The pool has replaced the connection.
    await expect(create('after the cut')).resolves.not.toBe('');
  });

  it('is stored so that only this row of this tenant opens it', async () => {
    const disbursementId = await create('sealed');
    await unitOfWork.run(context, async (tx) =>
      service.publish(tx, { disbursementId, file: await fileOf(1) }),
    );
    const stored = await unitOfWork.run(context, (tx) => uploads.current(tx, disbursementId));
    expect(stored?.name).toBe('people.csv');
    await asSuperuser(
      'UPDATE disbursements.uploads SET content = set_byte(content, 40, 255 - get_byte(content, 40))',
    );
    await expect(unitOfWork.run(context, (tx) => uploads.current(tx, disbursementId))).rejects.toThrow(
      'sealed',
    );
  });
});
