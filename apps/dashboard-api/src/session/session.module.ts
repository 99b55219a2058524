import { PasswordResetsRepository } from '@libs/identity';
import { Module } from '@nestjs/common';

import { CaptchaCheck } from './captcha-check.service';
import { LoginController } from './login.controller';
import { MfaController } from './mfa.controller';
import { MfaProof } from './mfa-proof.service';
import { PasswordResetController } from './password-reset.controller';
import { PasswordReset } from './password-reset.service';
import { RefreshTokenController } from './refresh-token.controller';
import { SecondFactorMail } from './second-factor-mail';
import { SecondStepService } from './second-step.service';
import { SessionRenewal } from './session-renewal.service';
import { SessionsController } from './sessions.controller';

/** Signing in and staying signed in. */
@Module({
  controllers: [
    LoginController,
    MfaController,
    RefreshTokenController,
    SessionsController,
    PasswordResetController,
  ],
  providers: [
    CaptchaCheck,
    SecondFactorMail,
    MfaProof,
    PasswordReset,
    SecondStepService,
    SessionRenewal,
    { provide: PasswordResetsRepository, useFactory: () => new PasswordResetsRepository() },
  ],
  exports: [SecondFactorMail, SecondStepService],
})
export class SessionModule {}
