import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { ManualClock, newId } from '@libs/kernel';
import {
  Database,
  type TenantContext,
  type TenantSession,
  type TenantTx,
  UnitOfWork,
} from '@libs/persistence';
import { testDatabase, type TestDatabase, twoTenantSuite } from '@libs/testing';
import { Client } from 'pg';

import { DisbursementsRepository } from '../disbursements.repository';
import { ComingParts } from './coming-parts';
import { ConnectionTurns } from './connection-turns';
import type { ExpectedFile } from './early-reading';
import { bytesOf, type InstructionsFile, receiveFile } from './instructions-file';
import { InstructionsUpload, type PublishOrder, type UploadRun } from './instructions-upload.service';
import { UploadStage } from './upload-stage.repository';
import { UploadJobsRepository } from './upload-jobs.repository';
import { UploadPartsRepository } from './upload-parts.repository';
import { UploadProgress } from './upload-progress';
import { UploadStores } from './upload-stores';
import { UploadsRepository } from './uploads.repository';

const KEY = Buffer.alloc(32, 1);
const PEPPER = Buffer.alloc(32, 2);

const stores = new UploadStores(
  new UploadsRepository(KEY),
  new UploadPartsRepository(KEY),
  new UploadJobsRepository(),
);
const service = new InstructionsUpload(stores, new ManualClock(new Date('2026-06-01T00:00:00Z')), PEPPER);

interface ReceivedFile {
  readonly file: InstructionsFile;
  readonly parts: ComingParts;
}

/** Read while it comes where `expected` says for what. */
const fileOf = async (
  tx: TenantTx,
  rows: number,
  { value = '1990-01-30', expected = null }: { value?: string; expected?: ExpectedFile | null } = {},
): Promise<ReceivedFile> => {
  const uploadId = newId();
  const parts = new ComingParts(uploadId, stores.parts);
  const lines = Array.from(
    { length: rows },
    (_, index) => `+2547${String(10_000_000 + index)},P-${newId()},1,${value}\n`,
  );
  const file = await receiveFile(
    { uploadId, name: 'people.csv', expected },
    Readable.from([Buffer.from('phone,id,amount,verification\n'), ...lines.map((line) => Buffer.from(line))]),
    (part, gzipped) => parts.take((work) => work(tx), part, gzipped),
  );
  return { file, parts };
};

const disbursementOf = (name: string) => ({
  id: newId(),
  name,
  assetId: newId(),
  walletId: newId(),
  contactType: 'PHONE_NUMBER' as const,
  verificationField: 'DATE_OF_BIRTH' as const,
  messageTemplate: '',
  createdBy: newId(),
});

async function added(tx: TenantTx, name: string): Promise<string> {
  const disbursement = disbursementOf(name);
  expect(await new DisbursementsRepository().add(tx, disbursement)).toBe(true);
  return disbursement.id;
}

/** Received for the disbursement. */
async function claimed(
  tx: TenantTx,
  disbursementId: string,
  received: Promise<ReceivedFile>,
): Promise<ReceivedFile> {
  const { file, parts } = await received;
  await stores.jobs.claim(tx, { id: file.uploadId, disbursementId });
  return { file, parts };
}

const orderOf = (disbursementId: string, file: InstructionsFile): PublishOrder => ({
  ...{ disbursementId, file, made: null },
  progress: new UploadProgress(),
});

const runOf = (disbursementId: string, file: InstructionsFile, context: TenantContext): UploadRun => ({
  order: orderOf(disbursementId, file),
  context,
  publication: (_tx, publish) => publish(),
  left: (error) => {
    throw error;
  },
});

twoTenantSuite('uploaded files', {
  app: 'dashboardApi',
  tables: [
    'disbursements.disbursements',
    'disbursements.uploads',
    'disbursements.upload_parts',
    'disbursements.upload_jobs',
    'disbursements.payments',
    'disbursements.hidden_rows',
    'receivers.receivers',
    'receivers.receiver_wallets',
    'receivers.verifications',
    'receivers.arriving_verifications',
  ],
  given: async (tx) => {
    for (const value of ['1990-01-30', '1990-01-31']) {
      const disbursementId = await added(tx, `aid ${value}`);
      const { file, parts } = await claimed(tx, disbursementId, fileOf(tx, 2, { value }));
      await service.begin(tx, orderOf(disbursementId, file), parts);
      let isPublished = false;
      // Its process dies right after the publication, so that its values wait.
      const dying: TenantSession = {
        run: async (_context, step) => {
          if (isPublished) throw new Error('the process died');
          return await step(tx);
        },
      };
      const run = runOf(disbursementId, file, { tenantId: tx.tenantId, actor: tx.actor, trace: '' });
      await service.run(dying, {
        ...run,
        publication: async (_tx, publish) => {
          await publish();
          isPublished = true;
        },
        left: () => undefined,
      });
      await tx.execute('DROP TABLE pg_temp.upload_rows');
    }
    await stores.hidden.removeDisbursement(tx, await added(tx, 'deleted'));
  },
});

type Around = (session: TenantSession) => TenantSession;

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

  const create = async (name: string, owner = context): Promise<string> =>
    unitOfWork.run(owner, (tx) => added(tx, name));
  /** Received for the disbursement, and published. */
  const publish = async (
    disbursementId: string,
    rows: number,
    around: Around = (session) => session,
  ): Promise<void> => {
    const { file, parts } = await unitOfWork.run(context, (tx) =>
      claimed(tx, disbursementId, fileOf(tx, rows)),
    );
    await unitOfWork.session(async (session) => {
      const steps = around(session);
      await steps.run(context, (tx) => service.begin(tx, orderOf(disbursementId, file), parts));
      await service.run(steps, runOf(disbursementId, file, context));
    });
  };

  async function asSuperuser(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  it('comes to the same when each of its database transactions has to run again', async () => {
    const disbursementId = await create('deadlock');
    let runs = 0;
    await publish(disbursementId, 50, (session) => ({
      run: (of, step) =>
        session.run(of, async (tx) => {
          const done = await step(tx);
          runs += 1;
          if (runs % 2 === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
          return done;
        }),
    }));
    expect(runs).toBeGreaterThan(10);
    const [row] = await asSuperuser(
      `SELECT d.count_draft, (SELECT count(*)::int FROM disbursements.payments p WHERE p.disbursement_id = d.id) AS payments
         FROM disbursements.disbursements d WHERE id = $1`,
      [disbursementId],
    );
    expect(row).toEqual({ count_draft: 50, payments: 50 });
  });

  it('waits for the disk when it is published, and at no step before or after that', async () => {
    // Of their own, so that all people of the file are new.
    const others: TenantContext = { ...context, tenantId: newId() };
    const disbursementId = await create('disk', others);
    const { file, parts } = await unitOfWork.run(others, (tx) => claimed(tx, disbursementId, fileOf(tx, 30)));
    const tables = ['receivers.receivers', 'disbursements.payments', 'disbursements.upload_jobs'];
    await asSuperuser(`
      CREATE TABLE waits (at serial, written text, commits text);
      CREATE FUNCTION see_wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        INSERT INTO waits (written, commits) VALUES (TG_TABLE_NAME, current_setting('synchronous_commit'));
        RETURN NULL;
      END $$;
      ${tables.map((table) => `CREATE TRIGGER see_wait AFTER INSERT OR UPDATE ON ${table} EXECUTE FUNCTION see_wait();`).join('\n')}`);
    // As in production; the server of the tests waits for no disk.
    await asSuperuser(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$`);
    const fresh = new Database({ url: database.url('dashboardApi'), applicationName: 'disk' });
    try {
      const work = new UnitOfWork(fresh);
      await work.run(others, (tx) => service.begin(tx, orderOf(disbursementId, file), parts));
      await work.session((session) => service.run(session, runOf(disbursementId, file, others)));
    } finally {
      await fresh.close();
      await asSuperuser(
        `${tables.map((table) => `DROP TRIGGER see_wait ON ${table};`).join('\n')}
         DROP FUNCTION see_wait();
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET synchronous_commit', current_database()); END $$`,
      );
    }
    const waits = await asSuperuser('SELECT written, commits FROM waits ORDER BY at');
    await asSuperuser('DROP TABLE waits');
    const ofJob = (commits: string): object => ({ written: 'upload_jobs', commits });
    expect(waits).toEqual([
      // Checked, then published: people first.
      ...[ofJob('off'), ofJob('off')],
      { written: 'receivers', commits: 'off' },
      { written: 'payments', commits: 'off' },
      // How far it came, and that it is published; then that nothing is left to do, and that lost uploads of long ago are forgotten.
      ...[ofJob('on'), ofJob('on')],
      ...[ofJob('off'), ofJob('off')],
    ]);
  });

  it('is kept and refused in one database transaction where it is known to be wrong when it is here', async () => {
    const disbursementId = await create('known to be wrong');
    const expected: ExpectedFile = {
      kind: { contactType: 'PHONE_NUMBER', verificationField: 'DATE_OF_BIRTH' },
      ...{ rowsMax: 100, today: new Date('2026-06-01T00:00:00Z') },
    };
    const { file, parts } = await unitOfWork.run(context, (tx) =>
      claimed(tx, disbursementId, fileOf(tx, 50, { value: 'long ago', expected })),
    );
    const order = orderOf(disbursementId, file);
    let tries = 0;
    const refusal = await unitOfWork.run(context, async (tx) => {
      const told = await service.begin(tx, order, parts);
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      return told;
    });
    expect(Object.keys(refusal?.refusal.extras ?? {})).toHaveLength(50);
    const [job] = await asSuperuser(
      `SELECT state, file_name, rows_wrong, settled_at IS NOT NULL AS settled, kept_until > now() AS kept,
              (SELECT array_agg(p.xmin = j.xmin) FROM disbursements.upload_parts p WHERE p.upload_id = j.id) AS at_once
         FROM disbursements.upload_jobs j WHERE id = $1`,
      [file.uploadId],
    );
    expect(job).toEqual({
      ...{ state: 'REFUSED', file_name: 'people.csv', rows_wrong: 50 },
      ...{ settled: true, kept: true, at_once: [true] },
    });
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
        turns: new ConnectionTurns(),
        lasts: 'transaction',
      });
    });
    await expect(cut).rejects.toThrow();
    // The pool has replaced the connection.
    await expect(create('after the cut')).resolves.not.toBe('');
  });

  it('is kept in parts that come back byte by byte, and only this place of this tenant opens them', async () => {
    const disbursementId = await create('sealed');
    await publish(disbursementId, 20_000);
    const stored = await unitOfWork.run(context, (tx) => stores.uploads.current(tx, disbursementId));
    expect(stored?.name).toBe('people.csv');
    const { uploadId, parts } = stored ?? { uploadId: '', parts: 0 };
    expect(parts).toBeGreaterThan(1);
    const read = (part: number): Promise<Uint8Array | null> =>
      unitOfWork.run(context, (tx) => stores.parts.read(tx, uploadId, part));
    const bytes = await text(bytesOf(parts, async (part) => (await read(part)) ?? new Uint8Array()));
    expect(bytes.split('\n')).toHaveLength(20_002);
    await asSuperuser(
      `UPDATE disbursements.upload_parts SET part = -1 WHERE part = 0;
       UPDATE disbursements.upload_parts SET part = 0 WHERE part = 1`,
    );
    await expect(read(0)).rejects.toThrow('sealed');
  });
});
