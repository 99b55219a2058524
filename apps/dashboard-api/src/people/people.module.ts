import { Module } from '@nestjs/common';

import { PeopleController } from './people.controller';

/** The people who work for an organisation. */
@Module({ controllers: [PeopleController] })
export class PeopleModule {}
