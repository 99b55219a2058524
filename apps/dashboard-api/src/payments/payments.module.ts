import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import {
  DirectPaymentsRepository,
  DisbursementMoves,
  FundReservations,
  FundsOfPayments,
  OutcomesRepository,
  PaymentMoves,
} from '@libs/disbursements';
import { PayeesRepository, ReceiverWalletMoves } from '@libs/receivers';
import { Holds } from '@libs/submissions';
import { Module } from '@nestjs/common';

import { DisbursementsModule } from '../disbursements/disbursements.module';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { DirectPaymentApproval } from './direct-payment-approval.service';
import { DirectPaymentParties } from './direct-payment-parties.service';
import { DirectPaymentRelease } from './direct-payment-release.service';
import { NewDirectPayment } from './new-direct-payment.service';
import { PaymentCancellation } from './payment-cancellation.service';
import { PaymentRetry } from './payment-retry.service';
import { PaymentsController } from './payments.controller';
import { PaymentsReadModel } from './payments.read-model';
import { RetriedPayments } from './retried-payments.service';

/** Single payments: made, read, cancelled and retried. */
@Module({
  imports: [DisbursementsModule],
  controllers: [PaymentsController],
  providers: [
    AssetsRepository,
    WalletsRepository,
    PayeesRepository,
    ReceiverWalletMoves,
    DirectPaymentsRepository,
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
    PaymentsReadModel,
    PaymentCancellation,
    RetriedPayments,
    PaymentRetry,
    DirectPaymentParties,
    DirectPaymentRelease,
    NewDirectPayment,
    DirectPaymentApproval,
  ],
})
export class PaymentsModule {}
