import {
  AuditLogRepository,
  type AuditRecord,
  brokenPasswordRules,
  LoginService,
  PasswordHasher,
  PasswordResetsRepository,
  type RequestOrigin,
  type StaffUser,
  UsersRepository,
} from '@libs/identity';
import { err, ok, type Result } from '@libs/kernel';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import { StaffMail } from '../provisioning/staff-mail.service';

export type ResetRefusal =
  | { readonly kind: 'unknown' | 'expired' }
  | { readonly kind: 'weak'; readonly rules: Readonly<Record<string, string>> };

/** Lets a person who proved their mailbox choose a new password. */
@Injectable()
export class PasswordReset {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly resets: PasswordResetsRepository,
    private readonly hasher: PasswordHasher,
    private readonly mail: StaffMail,
    private readonly logins: LoginService,
    private readonly auditLog: AuditLogRepository,
  ) {}

  /** Sends a link to an active person of the organisation; for everybody else it does nothing. */
  async begin(
    context: TenantContext,
    tenant: Tenant,
    request: { readonly email: string; readonly minutes: number },
  ): Promise<void> {
    await this.unitOfWork.run(context, async (tx) => {
      const found = await this.users.findForLogin(tx, request.email);
      // Locked, so that a link is never left to who is switched off, or gets another password, at the same moment.
      const user = found === null ? null : await this.users.lock(tx, found.user.id);
      if (user?.isActive !== true) return;
      const token = await this.resets.begin(tx, user.id, request.minutes);
      if (token === null) return;
      await this.mail.send(tx, {
        email: user.email,
        title: 'Choose a new password',
        body:
          `Hello ${user.firstName},\n\nchoose a new password here: ${tenant.sdpUiBaseUrl}/reset-password?token=${token}\n\n` +
          `The link works once and for ${String(request.minutes)} minutes. If you did not ask for it, ignore this letter.\n`,
      });
    });
  }

  /** Ends all sessions of the person with the change. */
  async complete(
    context: TenantContext,
    change: { readonly token: string; readonly password: string },
    by: { readonly origin: RequestOrigin; readonly audited: (user: StaffUser) => AuditRecord },
  ): Promise<Result<null, ResetRefusal>> {
    const rules = brokenPasswordRules(change.password);
    if (Object.keys(rules).length > 0) return err({ kind: 'weak', rules });
    const known = await this.unitOfWork.run(context, (tx) => this.resets.check(tx, change.token));
    if (known.kind !== 'valid') return err(known);
    // Between two database transactions, because it takes 25 ms; the token is checked again in the second.
    const passwordHash = await this.hasher.hash(change.password);
    return await this.unitOfWork.run(context, async (tx) => {
      // First the person, so that of two with the same token one is the first.
      const user = await this.users.lock(tx, known.userId);
      const found = await this.resets.check(tx, change.token);
      if (found.kind !== 'valid') return err(found);
      await this.users.setPassword(tx, found.userId, passwordHash);
      if (user !== null) {
        await this.logins.passwordWasReset(tx, user, by.origin);
        await this.auditLog.append(tx, by.audited(user));
      }
      return ok(null);
    });
  }
}
