import { HttpProblem } from '@libs/http';
import {
  brokenPasswordRules,
  LoginService,
  MfaCodesRepository,
  noteChange,
  PasswordHasher,
  type RequestOrigin,
  SessionsRepository,
  UsersRepository,
} from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { type Caller, sessionOf } from '../access/caller';
import { StaffMail } from '../provisioning/staff-mail.service';
import { tooManyAttempts } from '../session/too-many-attempts.errors';

/** Lets a person who knows their password choose another. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly logins: LoginService,
    private readonly devices: MfaCodesRepository,
    private readonly hasher: PasswordHasher,
    private readonly mail: StaffMail,
  ) {}

  /** Throws a 400 that says what is wrong, and a 429 after too many wrong guesses at the present password. */
  async change(
    caller: Caller,
    passwords: { readonly current: string; readonly wanted: string },
    origin: RequestOrigin,
  ): Promise<void> {
    const extras = mistakesOf(passwords);
    if (Object.keys(extras).length > 0) throw new HttpProblem(400, { extras });
    const { tenantId, actor, trace } = caller.context;
    // A wrong guess changes nothing that the audit log would tell, so it is counted in a context of its own.
    const check = await this.logins.check(
      { tenantId, actor, trace },
      { email: caller.user.email, password: passwords.current },
      origin,
    );
    if (check.outcome === 'wait') {
      throw tooManyAttempts(check.seconds);
    }
    if (check.outcome === 'unknown') {
      throw new HttpProblem(400, { extras: { current_password: 'current_password is incorrect' } });
    }
    const passwordHash = await this.hasher.hash(passwords.wanted);
    await this.unitOfWork.run(caller.context, async (tx) => {
      // First the person, then what waits for a second factor, then the sessions: the order of everybody who locks these.
      await this.users.setPassword(tx, caller.user.id, passwordHash);
      await this.devices.endWaiting(tx, caller.user.id);
      await this.devices.forgetDevices(tx, caller.user.id);
      // Of two changes at once the first ends the session of the second.
      const isAlive = await this.sessions.end(tx, caller.user.id, sessionOf(caller).sessionId);
      if (!isAlive) throw new HttpProblem(401);
      await this.sessions.endAllOf(tx, caller.user.id);
      await this.mail.send(tx, {
        email: caller.user.email,
        title: 'Your password was changed',
        body:
          `Hello ${caller.user.firstName},\n\nyour password was changed, and you were signed out everywhere. ` +
          'If you did not change it, choose a new one at once ("forgot password") and tell the owner of your organisation.\n',
      });
      noteChange(tx, { subjectType: 'user', subjectId: caller.user.id, before: null, after: null });
    });
  }
}

function mistakesOf(passwords: {
  readonly current: string;
  readonly wanted: string;
}): Readonly<Record<string, string>> {
  if (passwords.current === '') {
    return {
      current_password: 'current_password is required',
      ...(passwords.wanted === '' ? { new_password: 'new_password is required' } : {}),
    };
  }
  if (passwords.wanted === '') return { new_password: 'new_password is required' };
  if (passwords.wanted === passwords.current) {
    return { new_password: 'new_password should be different from current_password' };
  }
  return brokenPasswordRules(passwords.wanted);
}
