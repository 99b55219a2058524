import { HttpProblem } from '@libs/http';
import {
  hasOwnFactor,
  LoginService,
  noteChange,
  noteNothing,
  type Proof,
  SecondFactor,
  SessionsRepository,
} from '@libs/identity';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { type Organization, OrganizationsRepository } from '@libs/tenants';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';

import { type Caller, CurrentCaller, sessionOf } from '../access/caller';
import { objectOf, textOf } from '../people/user-body';
import { originOf } from '../session/request-origin';
import { SecondFactorMail } from '../session/second-factor-mail';
import { kindsOf, SecondStepService } from '../session/second-step.service';
import { passkeySiteOf } from './passkey-site';
import { tooManyAttempts } from '../session/too-many-attempts.errors';

/**
 * A session has a step of its own to wait for, beside the sign-ins that wait on devices. No header can hold a NUL, so no sign-in
 * names this place as its device: it would be one without a password.
 */
const placeOf = (caller: Caller): string => `\0step-up of ${sessionOf(caller).sessionId}`;

/** Shows a second factor again, in a session that is there. */
@Controller('step-up')
export class StepUpController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly secondFactor: SecondFactor,
    private readonly mail: SecondFactorMail,
    private readonly logins: LoginService,
    private readonly sessions: SessionsRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly secondStep: SecondStepService,
  ) {}

  /**
   * What may be shown, for the next five minutes and five tries. With `email_code: true`, and for who has nothing else,
   * a code goes out by mail.
   */
  @Post('options')
  @HttpCode(200)
  async options(
    @CurrentCaller() caller: Caller,
    @Body() given: unknown,
    @Req() request: Request,
  ): Promise<object> {
    const wantsMail = Reflect.get(objectOf(given), 'email_code') === true;
    const answer = await this.unitOfWork.run(caller.context, async (tx) => {
      const seconds = await this.logins.waitSeconds(tx, caller.user, originOf(request));
      if (seconds > 0) return { seconds };
      const organization = await this.organizations.find(tx);
      const own = await this.secondFactor.ownFactorsOf(tx, caller.user.id);
      const kinds = kindsOf(own, organization);
      const isMailed = kinds.includes('email_code') && (wantsMail || !hasOwnFactor(own));
      if (isMailed) await this.mail.send(tx, caller.user, placeOf(caller));
      else await this.secondFactor.wait(tx, caller.user.id, placeOf(caller));
      const site = passkeySiteOf(caller.tenant, organization);
      const passkey = await this.secondFactor.passkeyOptions(tx, placeOf(caller), site);
      return {
        second_factors: kinds,
        email_code_sent: isMailed,
        ...(passkey === null ? {} : { passkey_options: passkey }),
      };
    });
    if (!('seconds' in answer)) return answer;
    throw tooManyAttempts(answer.seconds);
  }

  /** `code` (of the app, of the letter, or a recovery code) or `passkey`; not even looked at while the person has to wait. */
  @Post()
  @HttpCode(204)
  async prove(
    @CurrentCaller() caller: Caller,
    @Body() given: unknown,
    @Req() request: Request,
  ): Promise<void> {
    const body = objectOf(given);
    const code = textOf(body, 'code') ?? '';
    const passkey: unknown = Reflect.get(body, 'passkey');
    if (code === '' && (typeof passkey !== 'object' || passkey === null)) {
      throw new HttpProblem(400, { extras: { code: 'code or passkey is required' } });
    }
    // Answered instead of thrown, so that the counted try is committed.
    const tried = await this.unitOfWork.run(caller.context, async (tx) => {
      const seconds = await this.logins.beginTry(tx, caller.user, originOf(request));
      if (seconds > 0) {
        noteNothing(tx);
        return { seconds };
      }
      const organization = await this.organizations.find(tx);
      const site = passkeySiteOf(caller.tenant, organization);
      const proof: Proof =
        code === '' ? { kind: 'passkey', response: passkey, site } : { kind: 'code', code };
      const isProven = await this.isRight(tx, caller, { organization, proof });
      if (isProven) await this.logins.giveTryBack(tx, caller.user, originOf(request));
      return { isProven };
    });
    if ('seconds' in tried) throw tooManyAttempts(tried.seconds);
    if (!tried.isProven) {
      throw new HttpProblem(400, { extras: { code: 'the second factor is wrong or no longer waited for' } });
    }
  }

  /**
   * The session is fresh after a right one, though as after a sign-in only for setting up a better one, where it was a code by
   * mail and those are forbidden; either is in the audit log.
   */
  private async isRight(
    tx: TenantTx,
    caller: Caller,
    { organization, proof }: { readonly organization: Organization | null; readonly proof: Proof },
  ): Promise<boolean> {
    const redemption = await this.secondFactor.redeem(tx, { deviceId: placeOf(caller), proof });
    const reach =
      redemption.kind === 'wrong'
        ? 'nothing'
        : await this.secondStep.reachOf(tx, caller.user.id, { kind: redemption.by, organization });
    const isRight = reach !== 'nothing';
    noteChange(tx, {
      subjectType: 'session',
      subjectId: sessionOf(caller).sessionId,
      before: null,
      after: { second_factor_shown: isRight },
    });
    const mustEnrol = reach === 'enrolment';
    if (isRight) await this.sessions.prove(tx, sessionOf(caller).sessionId, { mustEnrol });
    return isRight;
  }
}
