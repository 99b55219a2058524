import { Readable } from 'node:stream';

import { EarlyReading } from './early-reading';
import { PHONE_MISTAKE } from './instruction.policy';
import { type InstructionsFile, receiveFile } from './instructions-file';
import { ROWS_ANSWERED_AT_ONCE } from './upload-progress';

const HEADER = 'phone,id,amount,verification';
const KIND = { contactType: 'PHONE_NUMBER', verificationField: 'DATE_OF_BIRTH' } as const;
const EXPECTED = { kind: KIND, rowsMax: 1_000_000, today: new Date('2026-06-01T00:00:00Z') };

const lineOf = (row: number): string => `+2547${String(10_000_000 + row)},P-${String(row)},1.5,1990-01-30`;
const contentOf = (rows: number): string =>
  [HEADER, ...Array.from({ length: rows }, (_, row) => lineOf(row)), ''].join('\n');

function* piecesOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function received(
  content: string | Buffer,
  { pieces = 65_536, expected = EXPECTED } = {},
): Promise<InstructionsFile> {
  return await receiveFile(
    { uploadId: 'upload', name: 'people.csv', expected },
    Readable.from(piecesOf(Buffer.from(content), pieces)),
    () => Promise.resolve(),
  );
}

describe('the reading of a file while it comes', () => {
  it.each([1, 7, 65_536, 1_000_000])('holds its lines, in pieces of %d bytes', async (pieces) => {
    const rows = pieces < 100 ? 20 : 9_000;
    const { held } = await received(contentOf(rows), { pieces });
    expect(held?.lines).toHaveLength(rows);
    expect(held?.lines.at(-1)).toMatchObject({
      line: rows + 1,
      instruction: { contact: lineOf(rows - 1).split(',')[0], amount: 15_000_000n },
    });
    expect(held?.progress).toMatchObject({
      rowsRead: rows,
      rowsWrong: 0,
      format: { encoding: 'utf-8', separator: ',' },
    });
  });

  it('finds what is wrong in its lines once, however often it is asked', async () => {
    const lines = [lineOf(1), lineOf(1), '+2547100000001,A,1,1990-01-30', '+254710000009,A,-1,1990-01-30'];
    const { held } = await received([HEADER, ...lines].join('\n'));
    expect([...(held?.strangeNumbers ?? [])]).toEqual(['+2547100000001']);
    const extras = {
      'line 3 - contact info': 'duplicate contact information. Also found on line 2',
      'line 4 - phone': PHONE_MISTAKE,
      'line 5 - amount': 'invalid amount. Amount must be a positive number',
    };
    expect(held?.judge(new Set()).toExtras()).toEqual(extras);
    expect(held?.judge(new Set()).count).toBe(3);
    expect(held?.progress.rowsWrong).toBe(1);
  });

  it('holds as many rows as somebody waits for, and not one more', async () => {
    expect((await received(contentOf(ROWS_ANSWERED_AT_ONCE))).held?.lines).toHaveLength(
      ROWS_ANSWERED_AT_ONCE,
    );
    expect((await received(contentOf(ROWS_ANSWERED_AT_ONCE + 1))).held).toBeNull();
    expect((await received(contentOf(3), { expected: { ...EXPECTED, rowsMax: 2 } })).held).toBeNull();
  });

  it('is over long before the end of a file with more rows', async () => {
    const early = new EarlyReading(EXPECTED);
    await early.take(Buffer.from(contentOf(2 * ROWS_ANSWERED_AT_ONCE)));
    // Nobody has said that this was all.
    await expect(early.held()).resolves.toBeNull();
  });

  it.each([
    ['of another encoding', Buffer.from(contentOf(2).replace('P-1', 'Jos\xe9'), 'latin1')],
    ['of UTF-16', Buffer.from(`\uFEFF${contentOf(2)}`, 'utf16le')],
    ['of another kind', 'email,id,amount,verification\na@example.org,A,1,1990-01-30\n'],
    ['that is no table', `${contentOf(2)}"never closed`],
    ['that is empty', ''],
  ])('leaves a file to whoever reads what is kept: one %s', async (_what, content) => {
    const { held, sizeBytes } = await received(content);
    expect(held).toBeNull();
    expect(sizeBytes).toBe(Buffer.from(content).length);
  });

  it('holds nothing of a file whose sender breaks off, and fails as the sender did', async () => {
    const broken = Readable.from(
      (function* () {
        yield Buffer.from(contentOf(500));
        throw new Error('the sender is gone');
      })(),
    );
    const source = { uploadId: 'upload', name: 'people.csv', expected: EXPECTED };
    await expect(receiveFile(source, broken, () => Promise.resolve())).rejects.toThrow('the sender is gone');
  });

  it('takes the whole file also when it gives up at its beginning', async () => {
    const content = `name,amount\n${'Ada,1\n'.repeat(100_000)}`;
    const { held, sizeBytes, lines } = await received(content);
    expect({ held, sizeBytes, lines }).toEqual({ held: null, sizeBytes: content.length, lines: 100_001 });
  });
});
