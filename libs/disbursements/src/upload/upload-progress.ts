import type { FileFormat } from './file-format';

/** From how many rows on nobody waits for the answer. */
export const ROWS_ANSWERED_AT_ONCE = 10_000;

/** How far an upload is. Counted while the file is read. */
export class UploadProgress {
  bytesReceived = 0;
  rowsRead = 0;
  rowsWrong = 0;
  /** How the file is written; null until its header was read. */
  format: FileFormat | null = null;
  private tellLarge: () => void = () => undefined;
  /** Resolves once the file turns out to have more rows than anybody waits for; never for a smaller one. */
  readonly isLarge = new Promise<void>((resolve) => {
    this.tellLarge = resolve;
  });

  get rowsValid(): number {
    return this.rowsRead - this.rowsWrong;
  }

  /** One row was read. */
  add(isWrong: boolean): void {
    this.rowsRead += 1;
    if (isWrong) this.rowsWrong += 1;
    if (this.rowsRead === ROWS_ANSWERED_AT_ONCE + 1) this.tellLarge();
  }

  /** The file was read by somebody else. */
  takeOver({ rowsRead, rowsWrong, format }: UploadProgress): void {
    [this.rowsRead, this.rowsWrong, this.format] = [rowsRead, rowsWrong, format];
  }

  /** The file is read again from its start. */
  restart(): void {
    [this.rowsRead, this.rowsWrong] = [0, 0];
  }
}
