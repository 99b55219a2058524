import {
  InstructionsUpload,
  UploadErrors,
  UploadJobsRepository,
  UploadPartsRepository,
  UploadSettlement,
  UploadsRepository,
  UploadStores,
  UploadTrial,
} from '@libs/disbursements';
import { Clock } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { Module } from '@nestjs/common';

import { LOGGER, SETTINGS, UPLOAD_STALL_MS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { DryRun } from './dry-run.service';
import { FileTemplatesController } from './file-templates.controller';
import { InstructionsController } from './instructions.controller';
import { UploadController } from './upload.controller';
import { UploadErrorsController } from './upload-errors.controller';
import { UploadDesk } from './upload-desk.service';
import { UploadProcess } from './upload-process';
import { slotLimitsFor, UploadSlots } from './upload-slots';
import { UploadSweep } from './upload-sweep.service';

const CONNECTIONS_DEFAULT = 10;

/** Files of people: received, checked, published, given back. */
@Module({
  controllers: [FileTemplatesController, InstructionsController, UploadController, UploadErrorsController],
  providers: [
    {
      provide: UploadStores,
      inject: [SETTINGS],
      useFactory: ({ MESSAGE_ENCRYPTION_KEY: key, MESSAGE_ENCRYPTION_KEYS_READABLE: older }: StaffSettings) =>
        new UploadStores(
          new UploadsRepository(key, older),
          new UploadPartsRepository(key, older),
          new UploadJobsRepository(),
        ),
    },
    {
      provide: InstructionsUpload,
      inject: [UploadStores, Clock, SETTINGS],
      useFactory: (stores: UploadStores, clock: Clock, settings: StaffSettings) =>
        new InstructionsUpload(stores, clock, settings.VERIFICATION_PEPPER),
    },
    {
      provide: UploadSweep,
      inject: [UnitOfWork, UploadStores, LOGGER],
      useFactory: (unitOfWork: UnitOfWork, stores: UploadStores, logger: Logger) =>
        new UploadSweep({ unitOfWork, stores, settlement: new UploadSettlement(stores), logger }),
    },
    {
      provide: UploadSlots,
      inject: [Database],
      useFactory: ({ options }: Database) =>
        new UploadSlots(slotLimitsFor(options.connectionsMax ?? CONNECTIONS_DEFAULT)),
    },
    {
      provide: UploadErrors,
      inject: [UploadStores],
      useFactory: (stores: UploadStores) => new UploadErrors(stores),
    },
    {
      provide: UploadTrial,
      inject: [UploadStores, Clock, SETTINGS],
      useFactory: ({ uploads }: UploadStores, clock: Clock, settings: StaffSettings) =>
        new UploadTrial(uploads, clock, settings.VERIFICATION_PEPPER),
    },
    DryRun,
    UploadDesk,
    {
      provide: UploadProcess,
      inject: [LOGGER, UPLOAD_STALL_MS],
      useFactory: (logger: Logger, stallMs: number) => new UploadProcess(logger, stallMs),
    },
  ],
  exports: [InstructionsUpload, UploadDesk, UploadStores, UploadSweep],
})
export class InstructionsModule {}
