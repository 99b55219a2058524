import { Module } from '@nestjs/common';

import { SessionModule } from '../session/session.module';
import { Enrolment } from './enrolment.service';
import { PasskeysController } from './passkeys.controller';
import { SecondFactorsController } from './second-factors.controller';
import { StepUpController } from './step-up.controller';
import { TotpController } from './totp.controller';

/** Authenticator apps, passkeys, recovery codes, remembered devices and step-up. */
@Module({
  imports: [SessionModule],
  controllers: [SecondFactorsController, TotpController, PasskeysController, StepUpController],
  providers: [Enrolment],
})
export class SecondFactorModule {}
