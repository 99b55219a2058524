import { Captcha, type CaptchaChoice } from '@libs/captcha';
import { HttpProblem } from '@libs/http';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

/** What a request answered to the captcha of its organisation. */
export interface CaptchaAnswer {
  readonly isAsked: boolean;
  /** Empty where nothing came. */
  readonly token: string;
}

/** Asks for a captcha where strangers may try secrets, as the organisation or the environment says. */
@Injectable()
export class CaptchaCheck {
  constructor(
    private readonly captcha: Captcha,
    private readonly unitOfWork: UnitOfWork,
    private readonly organizations: OrganizationsRepository,
  ) {}

  /** Throws as `answerTo`. */
  async answerOf(context: TenantContext, body: unknown): Promise<CaptchaAnswer> {
    const organization = await this.unitOfWork.run(context, (tx) => this.organizations.find(tx));
    return this.answerTo(organization, body);
  }

  /** Throws a 503 where one is asked for and no keys are set: no answer could be right, and it is the operator's to mend. */
  answerTo(organization: CaptchaChoice, body: unknown): CaptchaAnswer {
    if (this.captcha.isAskedInVainBy(organization)) {
      throw new HttpProblem(503, {
        error:
          'This organization asks for a captcha, and none is set up on this server. Please tell whoever runs it.',
      });
    }
    const token: unknown =
      typeof body === 'object' && body !== null ? Reflect.get(body, 'recaptcha_token') : undefined;
    return {
      isAsked: this.captcha.isAskedBy(organization),
      token: typeof token === 'string' ? token.trim() : '',
    };
  }

  /** Throws a 400 for a robot; where nobody can judge, the given status, because then nobody gets in. */
  async assertHuman(answer: CaptchaAnswer, request: Request, statusWithoutVerdict: 401 | 500): Promise<void> {
    if (!answer.isAsked) return;
    switch (await this.captcha.verify(answer.token, request.ip ?? '')) {
      case 'human':
        return;
      case 'robot':
        throw new HttpProblem(400, { error: 'reCAPTCHA token invalid' });
      case 'unreachable':
        throw new HttpProblem(statusWithoutVerdict, { error: 'Cannot validate reCAPTCHA token' });
    }
  }
}

/** The extra that names a missing answer. */
export const missingCaptcha = ({ isAsked, token }: CaptchaAnswer): Readonly<Record<string, string>> =>
  isAsked && token === '' ? { recaptcha_token: 'reCAPTCHA token is required' } : {};
