import { Module } from '@nestjs/common';

import { ExportsModule } from '../exports/exports.module';
import { AuditController } from './audit.controller';

/** Who did what, for the owner to read. */
@Module({ imports: [ExportsModule], controllers: [AuditController] })
export class AuditModule {}
