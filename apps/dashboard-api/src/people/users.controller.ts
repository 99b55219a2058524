import { ROLES } from '@libs/contracts';
import { HttpProblem, QueryReader } from '@libs/http';
import {
  MfaCodesRepository,
  noteChange,
  noteSubject,
  SessionsRepository,
  type StaffUser,
  UsersRepository,
} from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { StaffMail } from '../provisioning/staff-mail.service';
import { emailOf, type Extras, nameOf, objectOf, rolesOf, textOf } from './user-body';
import { userJson } from './user-json';

const INVALID = 'Request invalid';

/** The people who work for the organisation, for its owner. */
@Controller('users')
export class UsersController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly mail: StaffMail,
    private readonly devices: MfaCodesRepository,
  ) {}

  @Get()
  async list(
    @CurrentCaller() { context }: Caller,
    @Query() query: Record<string, unknown>,
  ): Promise<readonly object[]> {
    const reader = new QueryReader(query);
    const sort = reader.sort(['email', 'is_active'], 'email');
    const direction = reader.direction('asc');
    reader.assertValid();
    const users = await this.unitOfWork.run(context, (tx) => this.users.list(tx, sort, direction));
    return users.map(userJson);
  }

  @Get('roles')
  roles(): object {
    return { roles: ROLES };
  }

  /** The person has no password yet: the letter tells them where to choose one. */
  @Post()
  @HttpCode(201)
  async invite(@CurrentCaller() caller: Caller, @Body() given: unknown): Promise<object> {
    const body = objectOf(given);
    const extras: Extras = {};
    const order = {
      firstName: nameOf(body, 'first_name', extras),
      lastName: nameOf(body, 'last_name', extras),
      email: emailOf(body, extras),
      roles: rolesOf(body, extras),
    };
    if (Object.keys(extras).length > 0) throw new HttpProblem(400, { error: INVALID, extras });
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const id = await this.users.add(tx, {
        ...order,
        isOwner: order.roles.includes('owner'),
        passwordHash: null,
      });
      const user = id === null ? null : await this.users.find(tx, id);
      if (user === null) throw new HttpProblem(400, { error: 'a user with this email already exists' });
      noteSubject(tx, user.id);
      await this.mail.invite(tx, {
        email: user.email,
        firstName: user.firstName,
        organizationName: (await this.organizations.find(tx))?.name ?? '',
        uiBaseUrl: caller.tenant.sdpUiBaseUrl,
      });
      note(tx, null, user);
      return userJson(user);
    });
  }

  /** Counts from the next request of the person on. */
  @Patch('roles')
  async changeRoles(@CurrentCaller() caller: Caller, @Body() given: unknown): Promise<object> {
    const body = objectOf(given);
    const extras: Extras = {};
    const userId = userIdOf(body, extras);
    const roles = rolesOf(body, extras);
    if (Object.keys(extras).length > 0) throw new HttpProblem(400, { error: INVALID, extras });
    await this.unitOfWork.run(caller.context, async (tx) => {
      const before = await this.lock(tx, caller, userId);
      await this.users.setRoles(tx, userId, roles);
      await this.assertSomebodyOwns(tx, 'roles');
      note(tx, before, await this.users.find(tx, userId));
    });
    return { message: 'user roles were updated successfully' };
  }

  /** Who is switched off is signed out everywhere, and their API keys stop, at once. */
  @Patch('activation')
  async changeActivation(@CurrentCaller() caller: Caller, @Body() given: unknown): Promise<object> {
    const body = objectOf(given);
    const extras: Extras = {};
    const userId = userIdOf(body, extras);
    const isActive: unknown = Reflect.get(body, 'is_active');
    if (typeof isActive !== 'boolean') extras['is_active'] = 'is_active is required';
    if (userId === caller.user.id) extras['user_id'] = 'cannot update your own activation';
    if (typeof isActive !== 'boolean' || Object.keys(extras).length > 0) {
      throw new HttpProblem(400, { error: INVALID, extras });
    }
    await this.unitOfWork.run(caller.context, async (tx) => {
      const before = await this.lock(tx, caller, userId);
      await this.users.setActive(tx, userId, isActive);
      if (!isActive) {
        await this.devices.endWaiting(tx, userId);
        await this.devices.forgetDevices(tx, userId);
        await this.sessions.endAllOf(tx, userId);
      }
      await this.assertSomebodyOwns(tx, 'is_active');
      note(tx, before, await this.users.find(tx, userId));
    });
    return { message: 'user activation was updated successfully' };
  }

  private async lock(tx: TenantTx, caller: Caller, userId: string): Promise<StaffUser> {
    const user = isId(userId) ? await this.users.lockWithOwners(tx, userId) : null;
    // Another owner may have taken the right away from who waited for the lock.
    const self = await this.users.find(tx, caller.user.id);
    if (self?.isActive !== true) throw new HttpProblem(401);
    if (!self.roles.includes('owner')) throw new HttpProblem(403);
    if (user !== null) return user;
    throw new HttpProblem(400, { error: INVALID, extras: { user_id: 'user_id is invalid' } });
  }

  /** An organisation that nobody owns could never change its people again. */
  private async assertSomebodyOwns(tx: TenantTx, field: string): Promise<void> {
    if (await this.users.hasActiveOwner(tx)) return;
    const why = 'at least one active owner must remain';
    throw new HttpProblem(400, { error: INVALID, extras: { [field]: why } });
  }
}

function userIdOf(body: object, extras: Extras): string {
  const userId = textOf(body, 'user_id') ?? '';
  if (userId === '') extras['user_id'] = 'user_id is required';
  return userId;
}

function note(tx: TenantTx, before: StaffUser | null, after: StaffUser | null): void {
  noteChange(tx, {
    subjectType: 'user',
    subjectId: (after ?? before)?.id ?? '',
    before: before === null ? null : userJson(before),
    after: after === null ? null : userJson(after),
  });
}
