import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import {
  ApprovalsRepository,
  DisbursementMoves,
  DisbursementsRepository,
  FundReservations,
  WorkItems,
} from '@libs/disbursements';
import { Holds } from '@libs/submissions';
import { OrganizationsRepository } from '@libs/tenants';
import { Module } from '@nestjs/common';

import { ApprovalRules } from './approval-rules.service';
import { DisbursementOrders } from './disbursement-order.service';
import { DisbursementReceiversReadModel } from './disbursement-receivers.read-model';
import { DisbursementReviewController } from './disbursement-review.controller';
import { DisbursementReviewReadModel } from './disbursement-review.read-model';
import { DisbursementGoals } from './disbursement-goals.service';
import { DisbursementStatusService } from './disbursement-status.service';
import { DisbursementsController } from './disbursements.controller';
import { DisbursementsReadModel } from './disbursements.read-model';
import { FundCheck } from './fund-check.service';
import { InstructionsModule } from './instructions.module';
import { NewDisbursement } from './new-disbursement.service';
import { RecipientChangesReadModel } from './recipient-changes.read-model';
import { StartRules } from './start-rules.service';

/** Files of people to pay: created, started, paused, read. */
@Module({
  imports: [InstructionsModule],
  controllers: [DisbursementReviewController, DisbursementsController],
  providers: [
    AssetsRepository,
    WalletsRepository,
    OrganizationsRepository,
    DisbursementsRepository,
    DisbursementMoves,
    FundReservations,
    WorkItems,
    Holds,
    DisbursementsReadModel,
    DisbursementReceiversReadModel,
    DisbursementReviewReadModel,
    RecipientChangesReadModel,
    NewDisbursement,
    DisbursementOrders,
    ApprovalsRepository,
    ApprovalRules,
    FundCheck,
    StartRules,
    DisbursementGoals,
    DisbursementStatusService,
  ],
  exports: [ApprovalRules, ApprovalsRepository, FundCheck, RecipientChangesReadModel],
})
export class DisbursementsModule {}
