import { pagedList, QueryReader } from '@libs/http';
import { type AuditEntry, type AuditFilter, AuditLogRepository, onlyLooking } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
import { CsvDownload, type Download } from '../exports/csv-download.service';
import { ListTotals } from '../lists/list-totals';
import { AUDIT_CSV_HEADER, auditCsvLine } from './audit-csv';
import { readAuditFilter } from './audit-query';

const ROWS_AT_ONCE = 1000;

@Controller()
export class AuditController {
  private readonly totals: ListTotals;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly log: AuditLogRepository,
    private readonly download: CsvDownload,
  ) {
    this.totals = new ListTotals(unitOfWork);
  }

  /** The newest first. */
  @Get('audit')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<object> {
    const reader = new QueryReader(query);
    const filter = readAuditFilter(reader);
    const page = reader.page();
    const direction = reader.direction('desc');
    reader.assertValid();
    const wanted = { offset: page.offset, limit: page.pageLimit, direction };
    const found = await this.unitOfWork.run(caller.context, (tx) =>
      this.log.list(tx, filter, wanted, (...counted) => this.totals.count(...counted)),
    );
    return pagedList(request.originalUrl, page, { ...found, items: found.items.map(auditJson) });
  }

  /** The same rows as CSV, the oldest first. */
  @Get('exports/audit')
  async export(
    @CurrentCaller() caller: Caller,
    @Query() asked: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const reader = new QueryReader(asked);
    const filter = readAuditFilter(reader);
    reader.assertValid('Request invalid');
    const read: Download['read'] = (answer) => answer(() => this.lines(caller, filter));
    await this.download.send(caller, response, { kind: 'audit', asked, header: AUDIT_CSV_HEADER, read });
  }

  /** Page by page, so that neither a connection nor what PostgreSQL would keep for it waits for the client. */
  private async *lines(caller: Caller, filter: AuditFilter): AsyncGenerator<string> {
    const context = onlyLooking(caller.context);
    for (let last = 0n; ;) {
      const page = await this.unitOfWork.run(context, (tx) => this.log.after(tx, filter, last, ROWS_AT_ONCE));
      // One by one: what a slow client has taken of a page counts.
      for (const entry of page) yield auditCsvLine(entry);
      if (page.length < ROWS_AT_ONCE) return;
      last = page.at(-1)?.seq ?? last;
    }
  }
}

const auditJson = (entry: AuditEntry): object => ({
  seq: entry.seq.toString(),
  at: entry.at.toISOString(),
  actor: entry.actor,
  address: entry.address,
  request_id: entry.requestId,
  action: entry.action,
  subject: { type: entry.subjectType, id: entry.subjectId },
  before: entry.before,
  after: entry.after,
  hash: entry.hash,
});
