import { PUBLIC_NETWORK_PASSPHRASE } from '@libs/config';
import { isWebAddress, parseAmount } from '@libs/kernel';
import {
  DEFAULT_INVITATION_TEMPLATE,
  DEFAULT_OTP_TEMPLATE,
  type OrganizationChange,
  templateMistake,
} from '@libs/tenants';

const NAME_LENGTH_MIN = 2;
const NAME_LENGTH_MAX = 64;
const DAYS_MAX = 36_500;
const LINK_LENGTH_MAX = 2_048;
const OFFSET = /^[+-](?:0[0-9]|1[0-4]):[0-5][0-9]$/;

type Change = { -readonly [Field in keyof OrganizationChange]: OrganizationChange[Field] };
type Extras = Record<string, string>;
type Rules = { readonly networkPassphrase: string; readonly hasCaptcha: boolean };

const BOOLEANS = {
  is_approval_required: 'isApprovalRequired',
  is_link_shortener_enabled: 'isLinkShortenerEnabled',
  is_memo_tracing_enabled: 'isMemoTracingEnabled',
  mfa_disabled: 'mfaDisabled',
  captcha_disabled: 'captchaDisabled',
  receiver_invitations_disabled: 'receiverInvitationsDisabled',
  email_codes_forbidden: 'emailCodesForbidden',
} as const;

const DAYS = {
  receiver_invitation_resend_interval_days: 'invitationResendIntervalDays',
  payment_cancellation_period_days: 'paymentCancellationPeriodDays',
} as const;

/** What is above it asks for more: a fresh second factor, a second approver. */
const AMOUNTS = {
  step_up_amount: 'stepUpAmount',
  second_approver_amount: 'secondApproverAmount',
} as const;

const entriesOf = <Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] =>
  // The keys of these tables are exactly Key.
  Object.entries(record) as [Key, Value][];

/** Reads the JSON part of PATCH /organization. `extras` says what is wrong, by field; only without any is it used. */
export function readOrganizationChange(
  data: object,
  rules: Rules,
): { readonly change: OrganizationChange; readonly extras: Readonly<Extras> } {
  const extras: Extras = {};
  const change: Change = {};
  const value = (field: string): unknown => Reflect.get(data, field) ?? undefined;
  const text = (field: string): string | undefined => {
    const given = value(field);
    if (given === undefined || typeof given === 'string') return given?.replaceAll('\0', '').trim();
    extras[field] = `${field} must be a text`;
    return undefined;
  };
  for (const [field, property] of entriesOf(BOOLEANS)) {
    const given = value(field);
    if (typeof given === 'boolean') change[property] = given;
    else if (given !== undefined) extras[field] = `${field} must be true or false`;
  }
  for (const [field, property] of entriesOf(DAYS)) {
    const given = value(field);
    if (given === undefined) continue;
    if (typeof given !== 'number' || !Number.isInteger(given) || given > DAYS_MAX) {
      extras[field] = `${field} must be a whole number of at most ${String(DAYS_MAX)} days`;
    } else change[property] = given > 0 ? given : null;
  }
  readTexts(text, change, extras);
  readAmounts(text, change, extras);
  refuseSwitches(change, extras, rules);
  return { change, extras };
}

function readTexts(text: (field: string) => string | undefined, change: Change, extras: Extras): void {
  const name = text('organization_name');
  if (name !== undefined && name !== '') {
    const length = [...name].length;
    if (length > NAME_LENGTH_MAX) {
      extras['organization_name'] = `organization_name cannot exceed ${String(NAME_LENGTH_MAX)} characters`;
    } else if (length < NAME_LENGTH_MIN) {
      extras['organization_name'] =
        `organization_name must have at least ${String(NAME_LENGTH_MIN)} characters`;
    } else change.name = name;
  }
  const offset = text('timezone_utc_offset');
  if (offset !== undefined && offset !== '') {
    if (OFFSET.test(offset)) change.timezoneUtcOffset = offset;
    else extras['timezone_utc_offset'] = 'timezone_utc_offset must look like +00:00';
  }
  const invitation = text('receiver_registration_message_template');
  if (invitation !== undefined) {
    const mistake = templateMistake('invitation', invitation, 'receiver_registration_message_template');
    if (mistake !== null) extras['receiver_registration_message_template'] = mistake;
    else change.invitationTemplate = invitation === '' ? DEFAULT_INVITATION_TEMPLATE : invitation;
  }
  const otp = text('otp_message_template');
  if (otp !== undefined) {
    const mistake = templateMistake('one_time_code', otp, 'otp_message_template');
    if (mistake !== null) extras['otp_message_template'] = mistake;
    else change.otpTemplate = otp === '' ? DEFAULT_OTP_TEMPLATE : otp;
  }
  const link = text('privacy_policy_link');
  if (link !== undefined) {
    if (link === '') change.privacyPolicyLink = null;
    else if (isHttpUrl(link)) change.privacyPolicyLink = link;
    else extras['privacy_policy_link'] = 'invalid URL format';
  }
}

/** An empty text means that no amount is too large. */
function readAmounts(text: (field: string) => string | undefined, change: Change, extras: Extras): void {
  for (const [field, property] of entriesOf(AMOUNTS)) {
    const given = text(field);
    if (given === undefined) continue;
    const amount = given === '' ? null : parseAmount(given);
    if (amount === null) change[property] = null;
    else if (amount.ok) change[property] = amount.value;
    else extras[field] = `${field} must be a positive number with up to seven decimals`;
  }
}

/** What decides who may do what: changing it asks for a fresh second factor. */
export const changesSecurity = (change: OrganizationChange): boolean =>
  change.mfaDisabled !== undefined ||
  change.captchaDisabled !== undefined ||
  change.emailCodesForbidden !== undefined ||
  change.stepUpAmount !== undefined ||
  change.secondApproverAmount !== undefined ||
  change.isApprovalRequired !== undefined;

const isHttpUrl = (text: string): boolean => text.length <= LINK_LENGTH_MAX && isWebAddress(text);

/** Switches that may not be set the way they are. */
function refuseSwitches(change: Change, extras: Extras, rules: Rules): void {
  if (change.mfaDisabled === true && rules.networkPassphrase === PUBLIC_NETWORK_PASSPHRASE) {
    extras['mfa_disabled'] = 'mfa_disabled cannot be true on the public network';
  }
  if (change.captchaDisabled === false && !rules.hasCaptcha) {
    extras['captcha_disabled'] = 'captcha_disabled cannot be false: no captcha provider is configured';
  }
}
