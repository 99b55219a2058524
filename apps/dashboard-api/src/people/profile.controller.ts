import { HttpProblem } from '@libs/http';
import { noteChange, UsersRepository } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Body, Controller, Get, Patch, Req } from '@nestjs/common';
import type { Request } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
import { StepUp } from '../access/step-up.service';
import { StaffMail } from '../provisioning/staff-mail.service';
import { originOf } from '../session/request-origin';
import { PasswordChange } from './password-change.service';
import { emailOf, type Extras, nameOf, objectOf, textOf } from './user-body';
import { userJson } from './user-json';

/** What people see and change of themselves. */
@Controller('profile')
export class ProfileController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly mail: StaffMail,
    private readonly passwords: PasswordChange,
    private readonly stepUp: StepUp,
  ) {}

  @Get()
  async show(@CurrentCaller() { user, context }: Caller): Promise<object> {
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

  @Patch()
  async change(@CurrentCaller() caller: Caller, @Body() given: unknown): Promise<object> {
    const body = objectOf(given);
    const extras: Extras = {};
    const has = (field: string): boolean => (textOf(body, field) ?? '') !== '';
    const change = {
      ...(has('first_name') ? { firstName: nameOf(body, 'first_name', extras) } : {}),
      ...(has('last_name') ? { lastName: nameOf(body, 'last_name', extras) } : {}),
      ...(has('email') ? { email: emailOf(body, extras) } : {}),
    };
    if (Object.keys(change).length === 0) {
      extras['details'] = 'provide at least first_name, last_name or email.';
    }
    if (Object.keys(extras).length > 0) throw new HttpProblem(400, { extras });
    // Whoever holds the mailbox can choose a new password.
    if (change.email !== undefined && change.email !== caller.user.email) {
      await this.stepUp.assertFresh(caller);
    }
    const changed = await this.unitOfWork.run(caller.context, async (tx) => {
      const before = await this.users.lock(tx, caller.user.id);
      if (before === null || !(await this.users.changeProfile(tx, before.id, change))) return false;
      const after = { ...before, ...change };
      noteChange(tx, {
        subjectType: 'user',
        subjectId: before.id,
        before: userJson(before),
        after: userJson(after),
      });
      if (after.email !== before.email) {
        await this.mail.send(tx, {
          email: before.email,
          title: 'Your e-mail address was changed',
          body:
            `Hello ${before.firstName},\n\nthe e-mail address of your account is now ${after.email}. ` +
            'If you did not change it, please tell the owner of your organisation at once.\n',
        });
      }
      return true;
    });
    if (!changed) throw new HttpProblem(400, { extras: { email: 'a user with this email already exists' } });
    return { message: 'user profile updated successfully' };
  }

  /** Signs out everywhere, here too: no token outlives the password that it was got with. */
  @Patch('reset-password')
  async changePassword(
    @CurrentCaller() caller: Caller,
    @Body() given: unknown,
    @Req() request: Request,
  ): Promise<object> {
    const body = objectOf(given);
    const [current, wanted] = [Reflect.get(body, 'current_password'), Reflect.get(body, 'new_password')].map(
      (value: unknown) => (typeof value === 'string' ? value : ''),
    );
    await this.passwords.change(caller, { current: current ?? '', wanted: wanted ?? '' }, originOf(request));
    return { message: 'user password updated successfully' };
  }
}
