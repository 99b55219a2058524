import type { TenantTx } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';

import { DOWNLOAD_LIMITS, type DownloadLimits } from './download-watch';
import { AFTER, type ExportValues, type RowsInBatches, UNTIL } from './export-sql';

/** A place in the order of rows: a moment as PostgreSQL writes it, and an id. */
export interface Place {
  readonly at: string;
  readonly id: string;
}

type Settings = readonly (readonly [name: string, value: string])[];

/** Row by row along an index, so that the first ones come at once: a sort or a hash would read everything before. */
const ALONG_INDEX: Settings = [
  ['enable_sort', 'off'],
  ['enable_hashjoin', 'off'],
  ['enable_mergejoin', 'off'],
];

/**
 * The ids of a batch are looked up together, in the order of their index, and joined by hash. PostgreSQL takes the array of them for
 * ten and would go through it once for each row. A batch has no process beside it: the next batch is computed meanwhile.
 */
const BY_HASH: Settings = [
  ['enable_nestloop', 'off'],
  ['enable_mergejoin', 'off'],
  ['enable_seqscan', 'off'],
  ['enable_bitmapscan', 'off'],
  ['max_parallel_workers_per_gather', '0'],
  ['work_mem', '64MB'],
];

/** PostgreSQL looks so often whether we are still there; by itself it notices that we have left when it has a row to send. */
const LOOK_FOR_US = `SELECT set_config('client_connection_check_interval', '5s', true) WHERE version() ~ 'linux|darwin|bsd'`;

/** Rows as CSV, made by PostgreSQL itself, one after the other: memory does not grow with their number. */
@Injectable()
export class CsvExportReadModel {
  constructor(@Inject(DOWNLOAD_LIMITS) private readonly limits: Pick<DownloadLimits, 'longestMs'>) {}

  /** Lines end in LF. The first one, the header, is not among them. */
  async rows(tx: TenantTx, select: string, values: ExportValues): Promise<Readable> {
    await this.prepare(tx, [...values.entries(), ...ALONG_INDEX]);
    return copy(tx, select);
  }

  /** Before the batches of a database transaction. */
  async prepareBatches(tx: TenantTx, values: ExportValues): Promise<void> {
    await this.prepare(tx, [...values.entries(), ...BY_HASH]);
  }

  /** Where a batch of `size` rows behind `after` ends; null when fewer are left. */
  async endOfBatch(tx: TenantTx, rows: RowsInBatches, after: Place, size: number): Promise<Place | null> {
    return await tx.queryOne<Place & Record<string, unknown>>(rows.place, [after.at, after.id, size]);
  }

  /** The rows behind `after` up to `until`, as those of `rows`. PostgreSQL begins at once, also while nobody reads. */
  async batch(tx: TenantTx, rows: RowsInBatches, after: Place, until: Place): Promise<Readable> {
    await set(tx, [
      [AFTER[0], after.at],
      [AFTER[1], after.id],
      [UNTIL[0], until.at],
      [UNTIL[1], until.id],
    ]);
    return copy(tx, rows.select);
  }

  private async prepare(tx: TenantTx, settings: Settings): Promise<void> {
    const { longestMs } = this.limits;
    await tx.takeTime(longestMs);
    await tx.execute(LOOK_FOR_US);
    // The rows of the other connection may take their time with the client.
    const idle = ['idle_in_transaction_session_timeout', String(longestMs)] as const;
    await set(tx, [['jit', 'off'], idle, ...settings]);
  }
}

async function set(tx: TenantTx, settings: Settings): Promise<void> {
  const calls = settings.map(
    (_, index) => `set_config($${String(index * 2 + 1)}, $${String(index * 2 + 2)}, true)`,
  );
  await tx.execute(`SELECT ${calls.join(', ')}`, settings.flat());
}

const copy = (tx: TenantTx, select: string): Readable => tx.copyTo(`COPY (${select}) TO STDOUT (FORMAT csv)`);
