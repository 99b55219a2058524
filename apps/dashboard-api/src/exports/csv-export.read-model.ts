import type { TenantTx } from '@libs/persistence';
import type { Readable } from 'node:stream';

import type { ExportQuery } from './export-sql';

/** A slow line may take its time; a file of a million rows takes some seconds here. */
const EXPORT_TIMEOUT_MS = 600_000;

/** Rows as CSV, made by PostgreSQL itself, one after the other: memory does not grow with their number. */
export class CsvExportReadModel {
  /** Lines end in LF. The first one, the header, is not among them. */
  async rows(tx: TenantTx, query: ExportQuery): Promise<Readable> {
    await tx.takeTime(EXPORT_TIMEOUT_MS);
    const settings: readonly (readonly [string, string])[] = [
      ...query.values.entries(),
      // Row by row along an index, so that the first ones come at once: a sort or a hash would read everything before.
      ['enable_sort', 'off'],
      ['enable_hashjoin', 'off'],
      ['enable_mergejoin', 'off'],
      ['jit', 'off'],
    ];
    for (const [name, value] of settings) await tx.execute('SELECT set_config($1, $2, true)', [name, value]);
    return tx.copyTo(`COPY (${query.select}) TO STDOUT (FORMAT csv)`);
  }
}
