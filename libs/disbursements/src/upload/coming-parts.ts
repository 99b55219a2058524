import type { TenantTx } from '@libs/persistence';

import type { UploadPartsRepository } from './upload-parts.repository';
import type { Step } from './upload-step';

interface Part {
  readonly part: number;
  readonly gzipped: Uint8Array;
}

/**
 * The parts of a file while it comes. Each is kept when the one behind it is here, and the last one in the database transaction that begins
 * the check: most files of up to ten thousand rows have no other.
 */
export class ComingParts {
  private newest: Part | null = null;

  constructor(
    private readonly uploadId: string,
    private readonly parts: UploadPartsRepository,
  ) {}

  /** In their order. */
  async take(step: Step, part: number, gzipped: Uint8Array): Promise<void> {
    const before = this.newest;
    this.newest = { part, gzipped };
    if (before !== null) await step((tx) => this.keep(tx, before));
  }

  async keepLast(tx: TenantTx): Promise<void> {
    if (this.newest !== null) await this.keep(tx, this.newest);
  }

  private async keep(tx: TenantTx, { part, gzipped }: Part): Promise<void> {
    await this.parts.add(tx, this.uploadId, part, gzipped);
  }
}
