import { Readable } from 'node:stream';

import { ManualClock, newId } from '@libs/kernel';
import { Database, type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import { PublishReceivers } from '@libs/receivers';
import { testDatabase, type TestDatabase } from '@libs/testing';
import fc from 'fast-check';

import type { ExpectedFile } from './early-reading';
import { FileCheck, type FileToCheck } from './file-check.service';
import { type InstructionsFile, receiveFile } from './instructions-file';
import { UploadPartsRepository } from './upload-parts.repository';
import { UploadProgress } from './upload-progress';
import { UploadRefusedError } from './upload.errors';
import { type UploadTarget, UploadsRepository } from './uploads.repository';

const KEY = Buffer.alloc(32, 1);
const PEPPER = Buffer.alloc(32, 2);
const FILES = 25;
const TODAY = new Date('2026-06-01T00:00:00Z');
/** No telephone has it; somebody is known by the first one. */
const STRANGE = ['+2547100000001', '+2547100000002'] as const;

const parts = new UploadPartsRepository(KEY);
const files = new FileCheck(
  new UploadsRepository(KEY),
  new PublishReceivers(),
  new ManualClock(TODAY),
  PEPPER,
);

const target: UploadTarget = {
  id: newId(),
  status: 'DRAFT',
  contactType: 'PHONE_NUMBER',
  verificationField: 'DATE_OF_BIRTH',
  walletId: newId(),
  assetId: newId(),
  fileName: null,
  uploadId: null,
};

/** Mostly right, with few values, so that they meet. */
const cell = (right: readonly string[], wrong: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
const line = fc
  .tuple(
    cell(
      ['+254710000001', '+254710000002', ' +254710000003', '+254710000004', STRANGE[0]],
      [STRANGE[1], '+1202', '', 'x'],
    ),
    cell(['A', 'B'], ['']),
    cell(['1', '0.0000001', '500000000000'], ['-1', '1,5', '']),
    cell(['1990-01-30'], ['1990-02-30', '']),
  )
  .map((cells) => cells.map((one) => `"${one}"`).join(','));

const EACH_KIND = [
  ['+254710000001,A,1,1990-01-30', `${STRANGE[0]},B,1,1990-01-30`],
  ['+254710000001,A,1,1990-01-30', 'x,B,1,1990-01-30', ' +254710000001,B,-1,1990-01-30'],
  [`${STRANGE[1]},A,1,1990-01-30`, `${STRANGE[0]},A,1,1990-01-30`],
  ['+254710000001,,1,1990-02-30'],
  ['+254710000001,A,500000000000,1990-01-30', '+254710000002,A,500000000000,1990-01-30'],
];

/** What a file is among those that were tried, to see that there were all kinds. */
function kindOf(outcome: unknown): string {
  const text = JSON.stringify(outcome, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  if (!text.includes('"error"')) return 'right';
  if (text.includes('duplicate contact')) return 'duplicate';
  if (text.includes('the sum of all amounts')) return 'too much';
  return text.includes('- phone') ? 'not a telephone' : 'other mistakes';
}

/** Leaves the database transaction, so that the next check finds what this one found. */
class Looked extends Error {}

jest.setTimeout(300_000);

describe('the check of a file', () => {
  let database: TestDatabase;
  let connections: Database;
  let unitOfWork: UnitOfWork;
  const context: TenantContext = { tenantId: newId(), actor: 'system:test', trace: '' };

  beforeAll(async () => {
    database = await testDatabase();
    connections = new Database({
      url: database.url('dashboardApi'),
      applicationName: 'check',
      connectionsMax: 2,
    });
    unitOfWork = new UnitOfWork(connections);
    await unitOfWork.run(context, (tx) =>
      tx.execute(
        `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, $3, 'KNOWN')`,
        [tx.tenantId, newId(), STRANGE[0]],
      ),
    );
  });
  afterAll(async () => {
    await connections.close();
    await database.drop();
  });

  /** What the check says of the file: what it comes to, or why it is refused. */
  async function outcomeOf(
    content: string,
    check: (tx: TenantTx, file: FileToCheck) => Promise<{ readonly rows: number; readonly amount: bigint }>,
    expected: ExpectedFile | null = null,
  ): Promise<readonly unknown[]> {
    const uploadId = newId();
    const seen: unknown[] = [];
    const work = unitOfWork.run(context, async (tx) => {
      const file: InstructionsFile = await receiveFile(
        { uploadId, name: 'people.csv', expected },
        Readable.from([Buffer.from(content)]),
        (part, gzipped) => parts.add(tx, uploadId, part, gzipped),
      );
      const progress = new UploadProgress();
      const read: FileToCheck['read'] = (reader, part) => parts.read(reader, uploadId, part);
      try {
        const { rows, amount } = await check(tx, { target, file, read, progress, lasts: 'transaction' });
        seen.push({ rows, amount });
      } catch (error) {
        if (!(error instanceof UploadRefusedError)) throw error;
        seen.push(error.refusal);
      }
      seen.push({ read: progress.rowsRead, wrong: progress.rowsWrong });
      throw new Looked();
    });
    await expect(work).rejects.toThrow(Looked);
    return seen;
  }

  it('says the same of a file that is read while it comes, of one that is read when it is here, and of one that is copied first', async () => {
    const told = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
        const content = ['phone,id,amount,verification', ...lines, ''].join('\n');
        const held = await outcomeOf(content, (tx, file) => files.check(tx, file));
        const copied = await outcomeOf(content, async (tx, file) =>
          files.judge(tx, await files.copy(tx, file)),
        );
        expect(held).toEqual(copied);
        const early = await outcomeOf(
          content,
          async (tx, file) => {
            expect(file.file.held?.lines).toHaveLength(lines.length);
            const kept = await parts.count(tx, file.file.uploadId);
            await parts.remove(tx, file.file.uploadId);
            expect(kept).toBe(1);
            await files.checkHeld(tx, file);
            return await files.check(tx, file);
          },
          { kind: target, rowsMax: 1_000_000, today: TODAY },
        );
        expect(early).toEqual(copied);
        told.add(kindOf(held[0]));
      }),
      { numRuns: FILES, examples: EACH_KIND.map((lines) => [[...lines]]) },
    );
    expect([...told].sort()).toEqual(['duplicate', 'not a telephone', 'other mistakes', 'right', 'too much']);
  });
});
