import { Module } from '@nestjs/common';

import { ReceiversController } from './receivers.controller';
import { ReceiversReadModel } from './receivers.read-model';

/** The people who are paid, as staff see them. */
@Module({
  controllers: [ReceiversController],
  providers: [{ provide: ReceiversReadModel, useFactory: () => new ReceiversReadModel() }],
})
export class ReceiversModule {}
