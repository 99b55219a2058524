import { Module } from '@nestjs/common';

import { SessionController } from './session.controller';

/** Signing in and staying signed in. */
@Module({ controllers: [SessionController] })
export class SessionModule {}
