import {
  DisbursementMoves,
  DispatchRepository,
  FundReservations,
  FundsOfPayments,
  KeptCountersRead,
  OutcomesRepository,
  PayablePayments,
  PaymentMoves,
  PaymentsToWorkOn,
  PromisedFundsRead,
  WorkItems,
} from '@libs/disbursements';
import { EventingModule, type EventRuntime } from '@libs/eventing';
import type { Logger, MetricsRegistry } from '@libs/observability';
import { type Database, UnitOfWork } from '@libs/persistence';
import { ReceiverWalletMoves } from '@libs/receivers';
import { FindingRepository, Holds } from '@libs/submissions';
import { OrganizationsRepository, TenantsRepository } from '@libs/tenants';
import { type DynamicModule, type FactoryProvider, Global, Module } from '@nestjs/common';

import { LOGGER } from './core-logger';
import type { CoreSettings } from './core-settings';
import { CompareCountersJob } from './counters/compare-counters.job';
import { DispatchQueue } from './dispatch/dispatch-queue';
import { DispatchSweepJob } from './dispatch/dispatch-sweep.job';
import { OnPaymentRequestedHandler } from './dispatch/on-payment-requested.handler';
import { OnReceiverWalletRegisteredHandler } from './dispatch/on-receiver-wallet-registered.handler';
import { PaymentDispatcher } from './dispatch/payment-dispatcher.service';
import { RepeatStaleDispatchesJob } from './dispatch/repeat-stale-dispatches.job';
import { CancelAgedJob } from './outcomes/cancel-aged.job';
import { CancelRequestedJob } from './outcomes/cancel-requested.job';
import { CancellationService } from './outcomes/cancellation.service';
import { DisputeService } from './outcomes/dispute.service';
import { OnPaymentCompletedHandler } from './outcomes/on-payment-completed.handler';
import { CompareReservationsJob } from './reservations/compare-reservations.job';
import { DrainWorkItemsJob } from './work/drain-work-items.job';
import { OnDisbursementStatusChangedHandler } from './work/on-disbursement-status-changed.handler';
import { WorkStep } from './work/work-step.service';

export interface CoreParts {
  readonly settings: CoreSettings;
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly runtime: EventRuntime;
}

/** What handlers and jobs are made of. */
@Global()
@Module({})
class CorePartsModule {
  static with({ settings, database, logger, metrics }: CoreParts): DynamicModule {
    const reservations = new FundReservations();
    const disputes = metrics.counter<never>({
      name: 'distributary_payments_disputed_total',
      help: 'Payments whose outcomes contradict each other. Any is an alarm.',
    });
    const outcomes = {
      provide: OutcomesRepository,
      useFactory: (moves: PaymentMoves) => new OutcomesRepository(moves),
      inject: [PaymentMoves],
    };
    const providers = [
      { provide: UnitOfWork, useValue: new UnitOfWork(database) },
      { provide: LOGGER, useValue: logger },
      PaymentMoves,
      DisbursementMoves,
      PaymentsToWorkOn,
      { provide: PayablePayments, useFactory: () => new PayablePayments() },
      WorkItems,
      ReceiverWalletMoves,
      Holds,
      OrganizationsRepository,
      TenantsRepository,
      outcomes,
      {
        provide: DispatchRepository,
        useFactory: (moves: PaymentMoves) => new DispatchRepository(moves),
        inject: [PaymentMoves],
      },
      { provide: FundsOfPayments, useValue: new FundsOfPayments(reservations, settings.MAX_BASE_FEE) },
      {
        provide: DisputeService,
        useFactory: (repository: OutcomesRepository, holds: Holds) =>
          new DisputeService(repository, holds, { logger, disputes }),
        inject: [OutcomesRepository, Holds],
      },
    ];
    return { module: CorePartsModule, providers, exports: providers };
  }
}

/** disbursement-core: what happens to disbursements, payments and receivers without anybody asking. */
@Module({})
export class CoreModule {
  static with(parts: CoreParts): DynamicModule {
    const dispatchQueue = {
      provide: DispatchQueue,
      useFactory: (unit: UnitOfWork, dispatcher: PaymentDispatcher, payable: PayablePayments) =>
        new DispatchQueue({ unit, dispatcher, payable, logger: parts.logger }),
      inject: [UnitOfWork, PaymentDispatcher, PayablePayments],
    };
    const workers = [
      PaymentDispatcher,
      dispatchQueue,
      DispatchSweepJob,
      RepeatStaleDispatchesJob,
      CancellationService,
      CancelAgedJob,
      CancelRequestedJob,
      WorkStep,
      DrainWorkItemsJob,
      compareCounters(parts),
      compareReservations(parts),
    ];
    return {
      module: CoreModule,
      imports: [
        CorePartsModule.with(parts),
        EventingModule.forConsumer({
          runtime: parts.runtime,
          handlers: [
            OnDisbursementStatusChangedHandler,
            OnPaymentRequestedHandler,
            OnReceiverWalletRegisteredHandler,
            OnPaymentCompletedHandler,
          ],
          imports: [{ module: WorkersModule, providers: workers, exports: workers, global: true }],
        }),
      ],
    };
  }
}

const compareCounters = ({ logger }: CoreParts): FactoryProvider<CompareCountersJob> => ({
  provide: CompareCountersJob,
  useFactory: (unit: UnitOfWork) =>
    new CompareCountersJob({
      unit,
      counters: new KeptCountersRead(),
      findings: new FindingRepository(),
      logger,
    }),
  inject: [UnitOfWork],
});

const compareReservations = ({ settings, logger }: CoreParts): FactoryProvider<CompareReservationsJob> => ({
  provide: CompareReservationsJob,
  useFactory: (unit: UnitOfWork) =>
    new CompareReservationsJob({
      unit,
      funds: new PromisedFundsRead(),
      findings: new FindingRepository(),
      logger,
      maxBaseFee: settings.MAX_BASE_FEE,
    }),
  inject: [UnitOfWork],
});

@Module({})
class WorkersModule {}
