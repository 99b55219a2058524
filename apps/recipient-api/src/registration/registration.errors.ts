import { HttpProblem } from '@libs/http';

import type { CaptchaRefusal } from './registration-captcha.service';
import type { RegistrationOutcome } from './registrations.service';

export type RegistrationRefusal =
  Exclude<RegistrationOutcome, 'registered' | 'already_registered'> | CaptchaRefusal;

interface Answer {
  readonly status: number;
  readonly error: string;
  readonly error_code?: string;
}

const ANSWERS: Readonly<Record<RegistrationRefusal, Answer>> = {
  code_wrong: { status: 400, error: 'Invalid OTP. Please check and try again.', error_code: '400_6' },
  code_expired: { status: 400, error: 'OTP has expired. Please request a new one.', error_code: '400_5' },
  code_exceeded: {
    status: 400,
    error: 'Maximum OTP verification attempts exceeded. Please request a new OTP.',
    error_code: '400_4',
  },
  value_wrong: {
    status: 400,
    error: 'The information you provided could not be found',
    error_code: '400_2',
  },
  value_exceeded: {
    status: 400,
    error: 'Maximum verification attempts exceeded. Please contact the organization.',
    error_code: '400_3',
  },
  // Says nothing about the person whose address it is.
  address_taken: {
    status: 409,
    error: 'This wallet cannot be used for this registration.',
    error_code: '409_0',
  },
  too_many_at_once: { status: 429, error: 'Too Many Requests' },
  captcha_wrong: { status: 400, error: 'reCAPTCHA token invalid', error_code: '400_1' },
  captcha_unreachable: { status: 500, error: 'Cannot validate reCAPTCHA token', error_code: '500_5' },
  captcha_without_keys: {
    status: 503,
    error: 'This organization asks for a captcha, and none is set up on this server.',
    error_code: '500_5',
  },
};

export function registrationProblem(refusal: RegistrationRefusal): HttpProblem {
  const { status, ...body } = ANSWERS[refusal];
  return new HttpProblem(status, body);
}
