import { HttpProblem } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { Clock } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Caller } from '../access/caller';
import { CsvExportReadModel } from './csv-export.read-model';
import type { ExportQuery } from './export-sql';
import { RowsInTurn } from './rows-in-turn';

/** Each holds a connection to the database, or two, until its last row is with the client. */
const AT_ONCE_MAX = 3;
/** A client that takes nothing for so long is gone. */
const STALLED_MS = 60_000;

export interface Download {
  readonly kind: 'disbursements' | 'payments' | 'receivers';
  readonly query: ExportQuery;
  /** What was asked for, for the audit log. */
  readonly asked: object;
}

/** Sends rows as a CSV file (RFC 4180) while they are read. */
@Injectable()
export class CsvDownload {
  private running = 0;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exports: CsvExportReadModel,
    private readonly clock: Clock,
  ) {}

  async send(caller: Caller, response: Response, download: Download): Promise<void> {
    if (this.running >= AT_ONCE_MAX) {
      throw new HttpProblem(429, { error: 'Other exports are still running. Please try again.' }, 10);
    }
    this.running += 1;
    try {
      await this.audit(caller, download);
      await this.stream(caller, response, download);
    } finally {
      this.running -= 1;
    }
  }

  /** Before the first byte leaves: also of an export that is broken off something was seen. */
  private async audit({ context }: Caller, { kind, asked }: Download): Promise<void> {
    await this.unitOfWork.run(context, (tx) => {
      noteChange(tx, { subjectType: 'exports', subjectId: kind, before: null, after: asked });
      return Promise.resolve();
    });
  }

  private async stream({ context }: Caller, response: Response, download: Download): Promise<void> {
    const { rows, values } = download.query;
    if (typeof rows === 'string') {
      await this.unitOfWork.run(onlyLooking(context), async (tx) => {
        await this.answer(response, download, await this.exports.rows(tx, rows, values));
      });
      return;
    }
    await this.unitOfWork.look(context, async (first, second) => {
      const connections = second === null ? [first] : [first, second];
      const inTurn = new RowsInTurn(this.exports, connections, { rows, values });
      try {
        await this.answer(response, download, (options) => inTurn.read(options?.signal));
      } finally {
        await inTurn.end();
      }
    });
  }

  private async answer(
    response: Response,
    { kind, query }: Download,
    rows: Readable | ((options?: { readonly signal?: AbortSignal }) => AsyncIterable<Buffer>),
  ): Promise<void> {
    const time = this.clock.now().toISOString().slice(0, 19).replace(/[T:]/g, '-');
    response.setHeader('Content-Type', 'text/csv');
    response.setHeader('Content-Disposition', `attachment; filename=${kind}_${time}.csv`);
    response.setTimeout(STALLED_MS, () => response.destroy());
    response.write(`${query.header.join(',')}\r\n`);
    await pipeline(rows, withCarriageReturns, response).catch((error: unknown) => {
      // Half a file must not look like a whole one.
      response.destroy();
      if (!response.req.destroyed || !isPremature(error)) throw error;
    });
  }
}

const isPremature = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

/** PostgreSQL ends a line with LF, RFC 4180 with CRLF. In UTF-8 the byte of LF is in no other character. */
async function* withCarriageReturns(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of lines)
    yield Buffer.from(chunk.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
