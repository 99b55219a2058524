import { redacted } from './redaction';

const HIDDEN = '[redacted]';

describe('what the audit log keeps of a value', () => {
  it.each([
    ...['password', 'new_password', 'reset_token', 'recaptcha_token', 'otp', 'code', 'mfa_code', 'codes'],
    ...[
      'recovery_codes',
      'key',
      'pin',
      'value',
      'verification',
      'national_id',
      'date_of_birth',
      'year_month',
    ],
  ])('is not the value of %s, however deep', (name) => {
    expect(redacted({ [name]: '123456', inner: [{ [name]: '123456' }] })).toEqual({
      [name]: HIDDEN,
      inner: [{ [name]: HIDDEN }],
    });
  });

  it('is what only sounds like a secret: the text of a message with a code, the code of an asset', () => {
    const told = {
      otp_message_template: '{{.OTP}} is your code.',
      otpTemplate: '{{.OTP}} is your code.',
      asset_code: 'USDC',
      verification_field: 'PIN',
    };
    expect(redacted(told)).toEqual(told);
  });
});
