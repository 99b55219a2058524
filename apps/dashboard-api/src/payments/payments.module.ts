import { AssetsRepository } from '@libs/catalogue';
import {
  DisbursementMoves,
  FundReservations,
  FundsOfPayments,
  OutcomesRepository,
  PaymentMoves,
} from '@libs/disbursements';
import { Holds } from '@libs/submissions';
import { Module } from '@nestjs/common';

import { DisbursementsModule } from '../disbursements/disbursements.module';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { PaymentCancellation } from './payment-cancellation.service';
import { PaymentRetry } from './payment-retry.service';
import { PaymentsController } from './payments.controller';
import { PaymentsReadModel } from './payments.read-model';

/** Single payments: read, cancelled and retried. */
@Module({
  imports: [DisbursementsModule],
  controllers: [PaymentsController],
  providers: [
    AssetsRepository,
    PaymentMoves,
    DisbursementMoves,
    Holds,
    {
      provide: OutcomesRepository,
      useFactory: (moves: PaymentMoves) => new OutcomesRepository(moves),
      inject: [PaymentMoves],
    },
    {
      provide: FundsOfPayments,
      useFactory: (settings: StaffSettings) =>
        new FundsOfPayments(new FundReservations(), settings.MAX_BASE_FEE),
      inject: [SETTINGS],
    },
    { provide: PaymentsReadModel, useFactory: () => new PaymentsReadModel() },
    PaymentCancellation,
    PaymentRetry,
  ],
})
export class PaymentsModule {}
