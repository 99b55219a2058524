import { ROLES } from '@libs/contracts';
import { QueryReader } from '@libs/http';
import { UsersRepository } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Controller, Get, Query } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';

@Controller()
export class PeopleController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly organizations: OrganizationsRepository,
  ) {}

  @Get('profile')
  async profile(@CurrentCaller() { user, context }: Caller): Promise<object> {
    const organization = await this.unitOfWork.run(context, (tx) => this.organizations.find(tx));
    return {
      id: user.id,
      first_name: user.firstName,
      last_name: user.lastName,
      email: user.email,
      roles: user.roles,
      organization_name: organization?.name ?? '',
    };
  }

  @Get('users')
  async list(
    @CurrentCaller() { context }: Caller,
    @Query() query: Record<string, unknown>,
  ): Promise<readonly object[]> {
    const reader = new QueryReader(query);
    const sort = reader.sort(['email', 'is_active'], 'email');
    const direction = reader.direction('asc');
    reader.assertValid();
    const users = await this.unitOfWork.run(context, (tx) => this.users.list(tx, sort, direction));
    return users.map((user) => ({
      id: user.id,
      first_name: user.firstName,
      last_name: user.lastName,
      email: user.email,
      is_active: user.isActive,
      roles: user.roles,
    }));
  }

  @Get('users/roles')
  roles(): object {
    return { roles: ROLES };
  }
}
