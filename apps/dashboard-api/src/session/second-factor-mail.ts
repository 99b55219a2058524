import { MFA_CODE_SECONDS, SecondFactor, type StaffUser } from '@libs/identity';
import { Clock } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { StaffMail } from '../provisioning/staff-mail.service';

/** Brings a code of the second factor to its person. */
@Injectable()
export class SecondFactorMail {
  constructor(
    private readonly secondFactor: SecondFactor,
    private readonly mail: StaffMail,
    private readonly clock: Clock,
  ) {}

  /** A sign-in waits on the device for the code in this letter. */
  async send(tx: TenantTx, user: StaffUser, deviceId: string): Promise<void> {
    await this.write(tx, user, await this.secondFactor.issue(tx, user.id, deviceId));
  }

  async write(tx: TenantTx, user: StaffUser, code: string): Promise<void> {
    await this.mail.send(tx, {
      email: user.email,
      title: 'Your sign-in code',
      body:
        `Hello ${user.firstName},\n\nyour code to sign in is ${code}. It works for five minutes. ` +
        'If you did not try to sign in, somebody knows your password: please change it.\n',
      expiresAt: new Date(this.clock.now().getTime() + MFA_CODE_SECONDS * 1000),
    });
  }
}
