import { Captcha, type CaptchaWidget } from '@libs/captcha';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { RegistrationReadModel } from './registration.read-model';

export type CaptchaRefusal = 'captcha_wrong' | 'captcha_unreachable' | 'captcha_without_keys';

/** The captcha in front of codes and registrations, as the organisation or the environment says. */
@Injectable()
export class RegistrationCaptcha {
  constructor(
    private readonly captcha: Captcha,
    private readonly work: UnitOfWork,
    private readonly readModel: RegistrationReadModel,
  ) {}

  async widget(context: TenantContext): Promise<CaptchaWidget> {
    return this.captcha.widgetFor(await this.choiceOf(context));
  }

  /** Null for a person, and where none is asked for. Nobody gets in without a verdict. */
  async refusalOf(context: TenantContext, request: Request, token: unknown): Promise<CaptchaRefusal | null> {
    const choice = await this.choiceOf(context);
    if (!this.captcha.isAskedBy(choice)) return null;
    if (this.captcha.isAskedInVainBy(choice)) return 'captcha_without_keys';
    const given = typeof token === 'string' ? token.trim() : '';
    if (given === '') return 'captcha_wrong';
    switch (await this.captcha.verify(given, request.ip ?? '')) {
      case 'human':
        return null;
      case 'robot':
        return 'captcha_wrong';
      case 'unreachable':
        return 'captcha_unreachable';
    }
  }

  private async choiceOf(context: TenantContext): Promise<{ readonly captchaDisabled: boolean | null }> {
    return { captchaDisabled: await this.work.run(context, (tx) => this.readModel.captchaDisabled(tx)) };
  }
}
