import { LOWEST_ID } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import type { Readable } from 'node:stream';

import type { CsvExportReadModel, Place } from './csv-export.read-model';
import type { ExportValues, RowsInBatches } from './export-sql';

/** The first batch is small, so that the first rows come at once; each further one is larger, up to what PostgreSQL joins in memory. */
const FIRST_BATCH = 1_000;
const GROWTH = 4;
const BATCH_MAX = 40_000;

const LOWEST: Place = { at: '-infinity', id: LOWEST_ID };
const HIGHEST: Place = { at: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

interface Batch {
  readonly tx: TenantTx;
  readonly rows: Readable;
}

/**
 * Rows batch by batch, in their order. The connections take turns: while the rows of one are sent, the next computes the rows that
 * follow, and waits with them when it is done, so there is never more than a batch for each. With one connection they follow each other.
 */
export class RowsInTurn {
  private readonly begun = new Set<Batch>();
  private readonly prepared = new Set<TenantTx>();
  private after: Place | null;
  private size = FIRST_BATCH;
  private ended = false;
  /** A batch begins where the one before it ends, so one is asked for after the other; none behind one that failed. */
  private beginning: Promise<unknown> = Promise.resolve();

  /** All of `connections` see the same moment. */
  constructor(
    private readonly exports: CsvExportReadModel,
    private readonly connections: readonly TenantTx[],
    private readonly query: { readonly rows: RowsInBatches; readonly values: ExportValues },
  ) {
    this.after = query.rows.direction === 'asc' ? LOWEST : HIGHEST;
  }

  /** Whoever gives up by the signal need not wait for the row that PostgreSQL is working on. */
  async *read(signal?: AbortSignal): AsyncGenerator<Buffer> {
    if (signal?.aborted === true) return;
    signal?.addEventListener('abort', () => void this.end(), { once: true });
    const coming = this.connections.map((tx) => this.beginNext(tx));
    for (
      let batch = await coming.shift();
      batch !== null && batch !== undefined;
      batch = await coming.shift()
    ) {
      for await (const chunk of batch.rows as AsyncIterable<Buffer>) yield chunk;
      this.begun.delete(batch);
      // Nobody waits for it as long as another batch is ready.
      coming.push(this.beginNext(batch.tx));
    }
  }

  /** Ends what is under way; afterwards nothing more is asked. A connection whose rows were not read to the end goes with them. */
  async end(): Promise<void> {
    this.ended = true;
    for (const { rows } of this.begun) rows.destroy();
    await this.beginning.catch(() => undefined);
    for (const { rows } of this.begun) rows.destroy();
  }

  private beginNext(tx: TenantTx): Promise<Batch | null> {
    const batch = this.beginning.then(() => this.begin(tx));
    this.beginning = batch;
    // Whoever comes to it is told; until then it is not an error that nobody sees.
    batch.catch(() => undefined);
    return batch;
  }

  /** Null where nothing is left. */
  private async begin(tx: TenantTx): Promise<Batch | null> {
    const { after } = this;
    if (this.ended || after === null) return null;
    const { rows, values } = this.query;
    if (!this.prepared.has(tx)) await this.exports.prepareBatches(tx, values);
    this.prepared.add(tx);
    const until = await this.exports.endOfBatch(tx, rows, after, this.size);
    const last = rows.direction === 'asc' ? HIGHEST : LOWEST;
    const batch = { tx, rows: await this.exports.batch(tx, rows, after, until ?? last) };
    this.begun.add(batch);
    this.after = until;
    this.size = Math.min(this.size * GROWTH, BATCH_MAX);
    return batch;
  }
}
