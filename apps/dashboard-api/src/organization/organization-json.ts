import { formatAmount } from '@libs/kernel';
import {
  DEFAULT_INVITATION_TEMPLATE,
  DEFAULT_OTP_TEMPLATE,
  logoUrlOf,
  type Organization,
  type Tenant,
} from '@libs/tenants';

const amountJson = (amount: bigint | null): string | null => (amount === null ? null : formatAmount(amount));

/** What the staff of an organisation decide on, as `GET /organization` tells it. */
const settingsJson = (organization: Organization): Readonly<Record<string, unknown>> => ({
  name: organization.name,
  timezone_utc_offset: organization.timezoneUtcOffset,
  is_approval_required: organization.isApprovalRequired,
  is_link_shortener_enabled: organization.isLinkShortenerEnabled,
  is_memo_tracing_enabled: organization.isMemoTracingEnabled,
  receiver_invitation_resend_interval_days: organization.invitationResendIntervalDays ?? 0,
  payment_cancellation_period_days: organization.paymentCancellationPeriodDays ?? 0,
  privacy_policy_link: organization.privacyPolicyLink ?? '',
  message_channel_priority: organization.messageChannelPriority,
  mfa_disabled: organization.mfaDisabled,
  captcha_disabled: organization.captchaDisabled,
  receiver_invitations_disabled: organization.receiverInvitationsDisabled,
  email_codes_forbidden: organization.emailCodesForbidden,
  step_up_amount: amountJson(organization.stepUpAmount),
  second_approver_amount: amountJson(organization.secondApproverAmount),
});

/** An organisation as its staff see it. */
export function organizationJson(organization: Organization, tenant: Tenant): object {
  const { invitationTemplate, otpTemplate } = organization;
  const address = tenant.distributionAccountAddress;
  return {
    logo_url: logoUrlOf(tenant),
    base_url: tenant.baseUrl,
    distribution_account: {
      type: tenant.distributionAccountType,
      ...(address === null ? {} : { address }),
      status: tenant.distributionAccountStatus,
    },
    distribution_account_public_key: address ?? '',
    ...settingsJson(organization),
    // Those that an organisation starts with are not shown.
    ...(invitationTemplate === DEFAULT_INVITATION_TEMPLATE
      ? {}
      : { receiver_registration_message_template: invitationTemplate }),
    ...(otpTemplate === DEFAULT_OTP_TEMPLATE ? {} : { otp_message_template: otpTemplate }),
  };
}

/** The settings that differ, before and after, as the API tells them: amounts have seven decimals. */
export function changedSettings(
  before: Organization,
  after: Organization,
): { readonly before: object; readonly after: object } {
  const told = (organization: Organization): Readonly<Record<string, unknown>> => ({
    ...settingsJson(organization),
    receiver_registration_message_template: organization.invitationTemplate,
    otp_message_template: organization.otpTemplate,
  });
  const [old, present] = [told(before), told(after)];
  const fields = Object.keys(old).filter((field) => old[field] !== present[field]);
  const those = (settings: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(fields.map((field) => [field, settings[field]]));
  return { before: those(old), after: those(present) };
}
