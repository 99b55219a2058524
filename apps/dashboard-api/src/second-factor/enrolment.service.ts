import { HttpProblem } from '@libs/http';
import {
  hasOwnFactor,
  MfaCodesRepository,
  noteChange,
  RecoveryCodesRepository,
  SecondFactor,
  SessionsRepository,
  UsersRepository,
} from '@libs/identity';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { type Caller, sessionOf } from '../access/caller';

/**
 * What goes with every factor of a person's own: codes on paper, and the end of a session that waited for it. The person
 * is locked before their factors are counted: of two changes at once, each would else see the other's as not made, and
 * codes would be left that count without a factor, or beside newer ones.
 */
@Injectable()
export class Enrolment {
  constructor(
    private readonly secondFactor: SecondFactor,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    private readonly devices: MfaCodesRepository,
  ) {}

  /** A factor was set up. Returns the first recovery codes; null when the person has some already. */
  async added(tx: TenantTx, caller: Caller, what: object): Promise<readonly string[] | null> {
    this.note(tx, caller, { before: null, after: what });
    await this.users.lock(tx, caller.user.id);
    // They are remembered for something else, which may not be good enough by now.
    await this.devices.forgetDevices(tx, caller.user.id);
    await this.sessions.endEnrolment(tx, caller.user.id, sessionOf(caller).sessionId);
    const own = await this.secondFactor.ownFactorsOf(tx, caller.user.id);
    return own.recoveryCodes > 0 ? null : await this.recoveryCodes.replace(tx, caller.user.id);
  }

  /** A factor was taken away. Codes on paper stand in for one: without any they would be a second password. */
  async removed(tx: TenantTx, caller: Caller, what: object): Promise<void> {
    this.note(tx, caller, { before: what, after: null });
    await this.users.lock(tx, caller.user.id);
    if (hasOwnFactor(await this.secondFactor.ownFactorsOf(tx, caller.user.id))) return;
    await this.recoveryCodes.removeAll(tx, caller.user.id);
  }

  /** Only for who has something that could get lost. */
  async newRecoveryCodes(tx: TenantTx, caller: Caller): Promise<readonly string[]> {
    await this.users.lock(tx, caller.user.id);
    if (!hasOwnFactor(await this.secondFactor.ownFactorsOf(tx, caller.user.id))) {
      throw new HttpProblem(409, { error: 'Set up an authenticator app or a passkey first.' });
    }
    this.note(tx, caller, { before: null, after: { recovery_codes_replaced: true } });
    return await this.recoveryCodes.replace(tx, caller.user.id);
  }

  private note(
    tx: TenantTx,
    caller: Caller,
    change: { readonly before: object | null; readonly after: object | null },
  ): void {
    noteChange(tx, { subjectType: 'user', subjectId: caller.user.id, ...change });
  }
}
