import { Controller, Get, Query, Res } from '@nestjs/common';
import type { Response } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
import { readDisbursementQuery } from '../disbursements/disbursements.controller';
import { readPaymentQuery } from '../payments/payments.controller';
import { readReceiverQuery } from '../receivers/receivers.controller';
import { disbursementExport } from './disbursement-export';
import { ListDownload } from './list-download.service';
import { paymentExport } from './payment-export';
import { receiverExport } from './receiver-export';

type Asked = Record<string, unknown>;

/** With a capital letter, unlike the lists. */
const REFUSAL = 'Request invalid';

/** Whole lists as CSV, with the lists' filters and orders. */
@Controller('exports')
export class ExportsController {
  constructor(private readonly download: ListDownload) {}

  @Get('disbursements')
  async disbursements(
    @CurrentCaller() caller: Caller,
    @Query() asked: Asked,
    @Res() response: Response,
  ): Promise<void> {
    const query = disbursementExport(caller.tenant.id, readDisbursementQuery(asked, REFUSAL));
    await this.download.send(caller, response, { kind: 'disbursements', query, asked });
  }

  @Get('payments')
  async payments(
    @CurrentCaller() caller: Caller,
    @Query() asked: Asked,
    @Res() response: Response,
  ): Promise<void> {
    const query = paymentExport(caller.tenant.id, readPaymentQuery(asked, REFUSAL));
    await this.download.send(caller, response, { kind: 'payments', query, asked });
  }

  @Get('receivers')
  async receivers(
    @CurrentCaller() caller: Caller,
    @Query() asked: Asked,
    @Res() response: Response,
  ): Promise<void> {
    const query = receiverExport(caller.tenant.id, readReceiverQuery(asked, REFUSAL));
    await this.download.send(caller, response, { kind: 'receivers', query, asked });
  }
}
