import { isAscii, isUtf8 } from 'node:buffer';

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const SEPARATORS = [',', ';', '\t'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** How a file is written, as it was recognised. */
export interface FileFormat {
  readonly encoding: Encoding;
  readonly separator: Separator;
}

export const USUAL_FORMAT: FileFormat = { encoding: 'utf-8', separator: ',' };

/** A character of UTF-8 has at most four bytes, so at most three of them may wait for the next chunk. */
const UTF8_REST_MAX = 3;
/** Enough to see a mark of UTF-16, or every second byte zero. */
const START_BYTES = 4;

/**
 * Finds out in which encoding the bytes of a file are, while they pass.
 *
 * Windows-1252 is what is left when they are no UTF-8: each byte stands for a character there, so nothing in them speaks
 * against it. A file that has whole characters of UTF-8 as well is a damaged one, and stays UTF-8 to be refused.
 */
export class EncodingGuess {
  private start: Uint8Array = new Uint8Array(0);
  private rest: Uint8Array = new Uint8Array(0);
  private hasUtf8 = false;
  private hasOther = false;

  look(chunk: Uint8Array): void {
    if (this.start.length < START_BYTES) {
      this.start = Buffer.concat([this.start, chunk.subarray(0, START_BYTES)]).subarray(0, START_BYTES);
    }
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const whole = wholeCharacters(bytes);
    this.rest = bytes.subarray(whole);
    const text = bytes.subarray(0, whole);
    if (isAscii(text)) return;
    if (isUtf8(text)) this.hasUtf8 = true;
    else this.lookClosely(text);
  }

  end(): Encoding {
    const utf16 = utf16Of(this.start);
    if (utf16 !== null) return utf16;
    // A character that the end of the file cuts off is no sign of another encoding.
    return this.hasOther && !this.hasUtf8 ? 'windows-1252' : 'utf-8';
  }

  private lookClosely(text: Uint8Array): void {
    for (let at = 0; at < text.length; at += 1) {
      if ((text[at] ?? 0) < 0x80) continue;
      const length = [2, 3, 4].find((bytes) => isOneCharacter(text.subarray(at, at + bytes), bytes));
      if (length === undefined) this.hasOther = true;
      else {
        this.hasUtf8 = true;
        at += length - 1;
      }
    }
  }
}

const isOneCharacter = (bytes: Uint8Array, length: number): boolean =>
  bytes.length === length &&
  isUtf8(bytes) &&
  wholeCharacters(bytes) === length &&
  !isAscii(bytes.subarray(1));

function utf16Of(start: Uint8Array): Encoding | null {
  const [first, second, third, fourth] = start;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (start.length < START_BYTES) return null;
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le';
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return 'utf-16be';
  return null;
}

/** How many bytes there are before a character that the chunk cuts in two. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(UTF8_REST_MAX, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** What separates the cells of a header: what there is most of outside quotes; a comma where nothing is. */
export function separatorOf(header: string): Separator {
  const outside = header.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counted = SEPARATORS.map((separator) => outside.split(separator).length);
  return SEPARATORS[counted.indexOf(Math.max(...counted))] ?? ',';
}
