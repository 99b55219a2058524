import { Module } from '@nestjs/common';

import { PasswordChange } from './password-change.service';
import { ProfileController } from './profile.controller';
import { UsersController } from './users.controller';

/** The people who work for an organisation. */
@Module({ controllers: [ProfileController, UsersController], providers: [PasswordChange] })
export class PeopleModule {}
