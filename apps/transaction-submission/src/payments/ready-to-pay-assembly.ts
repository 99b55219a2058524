import { AssetsRepository } from '@libs/catalogue';
import { ForeignPayments } from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import type { Logger } from '@libs/observability';
import { SubmissionRepository } from '@libs/submissions';

import { OnPaymentReadyToPayHandler } from './on-payment-ready-to-pay.handler';

/** The handler with all that it asks. The application and the tests use the same one. */
export const readyToPayHandler = (logger: Logger): OnPaymentReadyToPayHandler =>
  new OnPaymentReadyToPayHandler({
    submissions: new SubmissionRepository(),
    outbox: new Outbox(),
    assets: new AssetsRepository(),
    foreign: new ForeignPayments(),
    logger,
  });
