import { PassThrough } from 'node:stream';

import { eachCsvRecord } from './csv-records';
import { HeldFile } from './held-file';
import type { FileKind } from './instruction-columns.policy';
import { LineReader } from './instruction-lines';
import { LineMistakes } from './line-mistakes';
import { ROWS_ANSWERED_AT_ONCE, UploadProgress } from './upload-progress';

/** What is known of a file before its first byte comes. */
export interface ExpectedFile {
  readonly kind: FileKind;
  readonly rowsMax: number;
  /** Decides which dates lie in the future. */
  readonly today: Date;
}

/**
 * Reads a small file while its bytes come, so that it is read when the last one is here. It refuses nothing: whatever it cannot read
 * to its end (too many rows, another encoding, no table) is left to whoever reads the bytes that are kept.
 */
export class EarlyReading {
  private readonly bytes = new PassThrough();
  private readonly reading: Promise<HeldFile | null>;
  private hasEnded = false;

  constructor(expected: ExpectedFile) {
    this.reading = this.read(expected).then(
      (held) => held,
      () => null,
    );
    void this.reading.then(() => (this.hasEnded = true));
    this.bytes.on('error', () => undefined);
  }

  /** Resolves when it may be given more. */
  async take(chunk: Uint8Array): Promise<void> {
    if (this.hasEnded || this.bytes.write(chunk)) return;
    await Promise.race([new Promise((resolve) => this.bytes.once('drain', resolve)), this.reading]);
  }

  /** Nothing more comes. */
  close(): void {
    if (!this.bytes.writableEnded) this.bytes.end();
  }

  /** What was given before it was closed; null when it has to be read from the bytes that are kept. */
  async held(): Promise<HeldFile | null> {
    return await this.reading;
  }

  private async read({ kind, rowsMax, today }: ExpectedFile): Promise<HeldFile> {
    const mistakes = new LineMistakes();
    const progress = new UploadProgress();
    const held = new HeldFile(kind, { mistakes, progress });
    const rows = Math.min(rowsMax, ROWS_ANSWERED_AT_ONCE);
    const reading = { encoding: 'utf-8', kind, rowsMax: rows, mistakes, today, progress } as const;
    const lines = new LineReader(reading);
    // As they are parsed, not as a stream of lines: of ten thousand rows each turn of one shows.
    await eachCsvRecord(
      this.bytes,
      (separator) => (progress.format = { encoding: 'utf-8', separator }),
      (cells) => {
        const line = lines.read(cells);
        if (line !== null) held.add(line);
      },
    );
    lines.end();
    return held;
  }
}
