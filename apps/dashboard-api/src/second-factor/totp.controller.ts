import { HttpProblem } from '@libs/http';
import { TotpSecretsRepository } from '@libs/identity';
import { Clock } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { generateURI } from 'otplib';
import { toDataURL } from 'qrcode';

import { type Caller, CurrentCaller } from '../access/caller';
import { objectOf, textOf } from '../people/user-body';
import { Enrolment } from './enrolment.service';

/** The authenticator app of a person. */
@Controller('profile/totp')
export class TotpController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly totp: TotpSecretsRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly enrolment: Enrolment,
    private readonly clock: Clock,
  ) {}

  /** A secret for the app, shown once; it counts from the first code on that is confirmed. */
  @Post()
  @HttpCode(201)
  async begin(@CurrentCaller() caller: Caller): Promise<object> {
    const { secret, issuer } = await this.unitOfWork.run(caller.context, async (tx) => ({
      secret: await this.totp.begin(tx, caller.user.id),
      issuer: (await this.organizations.find(tx))?.name ?? caller.tenant.name,
    }));
    if (secret === null) {
      throw new HttpProblem(409, { error: 'An authenticator app is set up already: remove it first.' });
    }
    const uri = generateURI({ strategy: 'totp', issuer, label: caller.user.email, secret });
    return { secret, uri, qr_code: await toDataURL(uri) };
  }

  @Post('confirm')
  @HttpCode(200)
  async confirm(@CurrentCaller() caller: Caller, @Body() given: unknown): Promise<object> {
    const code = textOf(objectOf(given), 'code') ?? '';
    if (code === '') throw new HttpProblem(400, { extras: { code: 'code is required' } });
    const recoveryCodes = await this.unitOfWork.run(caller.context, async (tx) => {
      if (!(await this.totp.confirm(tx, caller.user.id, code, this.clock.now()))) {
        throw new HttpProblem(400, { extras: { code: 'code is not the one that your app shows now' } });
      }
      return await this.enrolment.added(tx, caller, { totp: true });
    });
    return recoveryCodes === null ? {} : { recovery_codes: recoveryCodes };
  }

  @Delete()
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller): Promise<void> {
    await this.unitOfWork.run(caller.context, async (tx) => {
      if (!(await this.totp.remove(tx, caller.user.id))) throw new HttpProblem(404);
      await this.enrolment.removed(tx, caller, { totp: true });
    });
  }
}
