import { Module } from '@nestjs/common';

import { AuditController } from './audit.controller';

/** Who did what, for the owner to read. */
@Module({ controllers: [AuditController] })
export class AuditModule {}
