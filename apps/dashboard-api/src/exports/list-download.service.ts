import { onlyLooking } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { addAbortSignal } from 'node:stream';

import type { Caller } from '../access/caller';
import { CsvDownload, type CsvLines, type Download } from './csv-download.service';
import { CsvExportReadModel } from './csv-export.read-model';
import type { ExportQuery } from './export-sql';
import { RowsInTurn } from './rows-in-turn';

export interface ListDownloadOrder extends Pick<Download, 'asked' | 'kind'> {
  readonly query: ExportQuery;
}

/** Sends whole lists as CSV files, made by PostgreSQL. */
@Injectable()
export class ListDownload {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exports: CsvExportReadModel,
    private readonly download: CsvDownload,
  ) {}

  async send(caller: Caller, response: Response, { kind, asked, query }: ListDownloadOrder): Promise<void> {
    const header = `${query.header.join(',')}\r\n`;
    const read: Download['read'] = (answer) => this.read(caller, query, answer);
    await this.download.send(caller, response, { kind, asked, header, read });
  }

  private async read(
    caller: Caller,
    { rows, values }: ExportQuery,
    answer: (lines: CsvLines) => Promise<void>,
  ): Promise<void> {
    const context = onlyLooking(caller.context);
    if (typeof rows === 'string') {
      await this.unitOfWork.run(context, async (tx) => {
        const found = await this.exports.rows(tx, rows, values);
        await answer((signal) => withCarriageReturns(addAbortSignal(signal, found)));
      });
      return;
    }
    await this.unitOfWork.look(context, async (first, second) => {
      const connections = second === null ? [first] : [first, second];
      const inTurn = new RowsInTurn(this.exports, connections, { rows, values });
      try {
        await answer((signal) => withCarriageReturns(inTurn.read(signal)));
      } finally {
        await inTurn.end();
      }
    });
  }
}

/** PostgreSQL ends a line with LF, RFC 4180 with CRLF. In UTF-8 the byte of LF is in no other character. */
async function* withCarriageReturns(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of lines)
    yield Buffer.from(chunk.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
