import { Readable } from 'node:stream';

import { csvRecords } from './csv-records';
import { type Encoding, EncodingGuess } from './file-format';

/** The bytes in pieces of `size`, so that every boundary falls everywhere once. */
const inPieces = (bytes: Uint8Array, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      Buffer.from(bytes.subarray(index * size, (index + 1) * size)),
    ),
  );

async function recordsOf(bytes: Uint8Array, size = bytes.length): Promise<(readonly string[])[]> {
  const records: (readonly string[])[] = [];
  for await (const record of csvRecords(inPieces(bytes, size))) records.push(record);
  return records;
}

describe('the records of a file', () => {
  it('are the same wherever the network cuts the bytes', async () => {
    const text = '\uFEFFid,name\r\n1,"Žofie, ""Ž"" \n€"\r2 , 👩🏽‍🌾 \n\n"3",""\r\n';
    const bytes = Buffer.from(text);
    const expected = [
      ['id', 'name'],
      ['1', 'Žofie, "Ž" \n€'],
      ['2', '👩🏽‍🌾'],
      ['3', ''],
    ];
    for (let size = 1; size <= bytes.length; size += 1) {
      expect({ size, records: await recordsOf(bytes, size) }).toEqual({ size, records: expected });
    }
  });

  const WRITTEN_IN: Readonly<Record<Encoding, (text: string) => Buffer>> = {
    'utf-8': (text) => Buffer.from(text),
    'utf-16le': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
    'utf-16be': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
    // The one place where it is not Latin-1 that matters here.
    'windows-1252': (text) => Buffer.from(text.replaceAll('€', '\u0080'), 'latin1'),
  };

  const FORMATS = (['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const).flatMap((encoding) =>
    [',', ';', '\t'].map((separator) => ({ encoding, separator })),
  );

  it.each(FORMATS)(
    'are read from $encoding with its cells separated by $separator, and it is told so',
    async ({ encoding, separator }) => {
      const lines = [
        ['id', 'name', 'amount'],
        ['1', 'Zoé Müller', '10.5'],
        ['2', '"1,2;3\t4 €"', '1'],
      ];
      const bytes = WRITTEN_IN[encoding](lines.map((cells) => cells.join(separator)).join('\r\n'));
      for (const size of [1, 2, 3, bytes.length]) {
        const guess = new EncodingGuess();
        for await (const chunk of inPieces(bytes, size)) guess.look(chunk as Buffer);
        expect(guess.end()).toBe(encoding);
        const told: string[] = [];
        const records: (readonly string[])[] = [];
        for await (const record of csvRecords(inPieces(bytes, size), encoding, (one) => told.push(one)))
          records.push(record);
        expect(told).toEqual([separator]);
        expect(records).toEqual([lines[0], lines[1], ['2', '1,2;3\t4 €', '1']]);
      }
    },
  );

  it('are found without delay in one line that is as long as a record may be and does not end', async () => {
    const line = `id,${'n'.repeat(65_000)}`;
    // Twenty of them took a minute and a half where each character was a new start of the search for the end of the line.
    for (let file = 0; file < 20; file += 1) {
      expect(await recordsOf(Buffer.from(line))).toEqual([line.split(',')]);
      // Or the test's own limit would not get its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it.each([
    ['a character of UTF-8 that ends too early', Buffer.from([0x61, 0x2c, 0xe2, 0x82]), 'not UTF-8'],
    ['a byte that no character of UTF-8 begins with', Buffer.from([0x61, 0x2c, 0xff, 0x0a]), 'not UTF-8'],
    ['a surrogate', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x0a]), 'not UTF-8'],
    ['UTF-16 with its mark', Buffer.from('\uFEFFa,b', 'utf16le'), 'UTF-16'],
    ['UTF-16 without its mark', Buffer.from('a,b', 'utf16le'), 'UTF-16'],
    ['an archive', Buffer.from('PK\u0003\u0004'), 'zip archive'],
    ['a NUL byte', Buffer.from('ab,c\0\n'), 'NUL bytes'],
    ['an open quote', Buffer.from('a,b\n1,"2\n'), 'never closed'],
    ['an open quote over much text', Buffer.from(`a,b\n1,"${'2\n'.repeat(100_000)}`), 'never closed'],
    ['text behind a quote', Buffer.from('a,b\n1,"2"3\n'), 'behind its closing quote'],
    ['a quote inside a cell', Buffer.from('a,b\n1,2"3\n'), 'inside a cell'],
    ['a short line', Buffer.from('a,b\n1\n'), 'another number of cells'],
  ])('are none of %s', async (_what, bytes, reason) => {
    for (const size of [1, 3, bytes.length]) {
      if (bytes.length / size > 10_000) continue;
      await expect(recordsOf(bytes, size)).rejects.toThrow(reason);
    }
  });
});
