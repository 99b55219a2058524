import { ApiKeysRepository } from '@libs/identity';
import { Module } from '@nestjs/common';

import { ApiKeysController } from './api-keys.controller';

/** Keys for programs. */
@Module({
  controllers: [ApiKeysController],
  providers: [{ provide: ApiKeysRepository, useFactory: () => new ApiKeysRepository() }],
})
export class ApiKeysModule {}
