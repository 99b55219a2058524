import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { statisticsJson } from './statistics';
import { StatisticsReadModel } from './statistics.read-model';

@Controller('statistics')
export class StatisticsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly readModel: StatisticsReadModel,
  ) {}

  @Get()
  async ofTenant(@CurrentCaller() caller: Caller): Promise<object> {
    return statisticsJson(await this.unitOfWork.run(caller.context, (tx) => this.readModel.ofTenant(tx)));
  }

  @Get(':id')
  async ofDisbursement(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<object> {
    const statistics = isId(id)
      ? await this.unitOfWork.run(caller.context, (tx) => this.readModel.ofDisbursement(tx, id))
      : null;
    if (statistics === null) {
      throw new HttpProblem(404, { error: `a disbursement with the id ${id} does not exist` });
    }
    return statisticsJson(statistics);
  }
}
