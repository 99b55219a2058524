import { HttpProblem } from '@libs/http';
import {
  MfaCodesRepository,
  PasskeysRepository,
  RecoveryCodesRepository,
  TotpSecretsRepository,
} from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { Enrolment } from './enrolment.service';

/** What a person has set up, and where they need not show it. */
@Controller('profile')
export class SecondFactorsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly totp: TotpSecretsRepository,
    private readonly passkeys: PasskeysRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly devices: MfaCodesRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly enrolment: Enrolment,
  ) {}

  @Get('second-factors')
  async show(@CurrentCaller() { user, context }: Caller): Promise<object> {
    return await this.unitOfWork.run(context, async (tx) => {
      const passkeys = await this.passkeys.list(tx, user.id);
      const devices = await this.devices.rememberedDevices(tx, user.id);
      const organization = await this.organizations.find(tx);
      return {
        totp: { confirmed_at: (await this.totp.confirmedAt(tx, user.id))?.toISOString() ?? null },
        passkeys: passkeys.map((passkey) => ({
          id: passkey.id,
          name: passkey.name,
          created_at: passkey.createdAt.toISOString(),
          last_used_at: passkey.lastUsedAt?.toISOString() ?? null,
        })),
        recovery_codes_left: await this.recoveryCodes.left(tx, user.id),
        email_code_allowed: organization?.emailCodesForbidden !== true,
        remembered_devices: devices.map((device) => ({
          id: device.id,
          remembered_until: device.rememberedUntil.toISOString(),
        })),
      };
    });
  }

  /** Ten codes, shown once; the old ones stop working. */
  @Post('recovery-codes')
  @HttpCode(201)
  async replaceRecoveryCodes(@CurrentCaller() caller: Caller): Promise<object> {
    const codes = await this.unitOfWork.run(caller.context, (tx) =>
      this.enrolment.newRecoveryCodes(tx, caller),
    );
    return { recovery_codes: codes };
  }

  @Delete('devices')
  @HttpCode(204)
  async forgetDevices(@CurrentCaller() caller: Caller): Promise<void> {
    await this.unitOfWork.run(caller.context, (tx) => this.devices.forgetDevices(tx, caller.user.id));
  }

  @Delete('devices/:id')
  @HttpCode(204)
  async forgetDevice(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    const forgotten = await this.unitOfWork.run(caller.context, (tx) =>
      this.devices.forgetDevices(tx, caller.user.id, id.replaceAll('\0', '')),
    );
    if (forgotten === 0) throw new HttpProblem(404);
  }
}
