import { Module } from '@nestjs/common';

import { LoginController } from './login.controller';
import { MfaController } from './mfa.controller';
import { RefreshTokenController } from './refresh-token.controller';
import { SecondFactorMail } from './second-factor-mail';

/** Signing in and staying signed in. */
@Module({
  controllers: [LoginController, MfaController, RefreshTokenController],
  providers: [SecondFactorMail],
})
export class SessionModule {}
