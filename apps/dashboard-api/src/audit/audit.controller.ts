import { once } from 'node:events';

import { pagedList, QueryReader } from '@libs/http';
import { type AuditEntry, type AuditFilter, AuditLogRepository, noteChange } from '@libs/identity';
import { Clock } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
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
    private readonly clock: Clock,
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

  /** The same rows as CSV, the oldest first, in bounded memory. */
  @Get('exports/audit')
  async export(
    @CurrentCaller() caller: Caller,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const reader = new QueryReader(query);
    const filter = readAuditFilter(reader);
    reader.assertValid('Request invalid');
    // The first rows, and with them the row that says who took the log away, before anything is answered.
    const first = await this.unitOfWork.run(caller.context, (tx) => {
      noteChange(tx, { subjectType: 'exports', subjectId: 'audit', before: null, after: query });
      return this.log.after(tx, filter, 0n, ROWS_AT_ONCE);
    });
    const time = this.clock.now().toISOString().slice(0, 19).replace(/[T:]/g, '-');
    response.setHeader('Content-Type', 'text/csv');
    response.setHeader('Content-Disposition', `attachment; filename=audit_${time}.csv`);
    response.write(AUDIT_CSV_HEADER);
    for await (const entries of this.pages(caller, filter, first)) {
      const flowing = response.write(entries.map(auditCsvLine).join(''));
      if (!flowing && !response.destroyed)
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      if (response.destroyed) return;
    }
    response.end();
  }

  private async *pages(
    caller: Caller,
    filter: AuditFilter,
    first: readonly AuditEntry[],
  ): AsyncGenerator<readonly AuditEntry[]> {
    // Only the first page is audited: it is one export.
    const { tenantId, actor, trace } = caller.context;
    for (let page = first; page.length > 0;) {
      yield page;
      const last = page.at(-1)?.seq ?? 0n;
      if (page.length < ROWS_AT_ONCE) return;
      page = await this.unitOfWork.run({ tenantId, actor, trace }, (tx) =>
        this.log.after(tx, filter, last, ROWS_AT_ONCE),
      );
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
