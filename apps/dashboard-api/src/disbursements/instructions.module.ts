import { InstructionsUpload, UploadsRepository } from '@libs/disbursements';
import { Clock } from '@libs/kernel';
import { Module } from '@nestjs/common';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { InstructionsController } from './instructions.controller';

/** Files of people: received, checked, published, given back. */
@Module({
  controllers: [InstructionsController],
  providers: [
    {
      provide: UploadsRepository,
      inject: [SETTINGS],
      useFactory: (settings: StaffSettings) => new UploadsRepository(settings.MESSAGE_ENCRYPTION_KEY),
    },
    {
      provide: InstructionsUpload,
      inject: [UploadsRepository, Clock, SETTINGS],
      useFactory: (uploads: UploadsRepository, clock: Clock, settings: StaffSettings) =>
        new InstructionsUpload(uploads, clock, settings.VERIFICATION_PEPPER),
    },
  ],
  exports: [InstructionsUpload, UploadsRepository],
})
export class InstructionsModule {}
