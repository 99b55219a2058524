import { Module } from '@nestjs/common';

import { OrganizationController } from './organization.controller';

/** What an organisation decides about itself. */
@Module({ controllers: [OrganizationController] })
export class OrganizationModule {}
