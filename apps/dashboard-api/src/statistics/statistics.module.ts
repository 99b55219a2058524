import { Module } from '@nestjs/common';

import { StatisticsController } from './statistics.controller';
import { StatisticsReadModel } from './statistics.read-model';

/** How many, how much: of an organisation and of one disbursement. */
@Module({
  controllers: [StatisticsController],
  providers: [{ provide: StatisticsReadModel, useFactory: () => new StatisticsReadModel() }],
})
export class StatisticsModule {}
