import { type ApiDescription, file, json } from '../openapi/api-description';
import { amount, flag, integer, listOf, named, nullable, object, oneOf, text } from '../openapi/json-schema';

/** The organisation and its settings. */
export const organizationApi: ApiDescription = {
  tag: 'organisation',
  schemas: {
    Organization: object(
      {
        name: text,
        logo_url: text,
        base_url: text,
        distribution_account: object({ type: text, status: text }, { address: text }),
        distribution_account_public_key: text,
        timezone_utc_offset: { ...text, examples: ['+03:00'] },
        is_approval_required: flag,
        is_link_shortener_enabled: flag,
        is_memo_tracing_enabled: flag,
        receiver_invitation_resend_interval_days: { ...integer, description: '0: never again.' },
        payment_cancellation_period_days: { ...integer, description: '0: never.' },
        privacy_policy_link: text,
        message_channel_priority: listOf(oneOf(['SMS', 'EMAIL'])),
        mfa_disabled: nullable(flag),
        captcha_disabled: nullable(flag),
        receiver_invitations_disabled: nullable(flag),
        email_codes_forbidden: flag,
        step_up_amount: nullable(amount),
        second_approver_amount: nullable(amount),
      },
      { receiver_registration_message_template: text, otp_message_template: text },
    ),
    OrganizationChange: object(
      {},
      {
        organization_name: { ...text, minLength: 2, maxLength: 64 },
        timezone_utc_offset: text,
        is_approval_required: flag,
        is_link_shortener_enabled: flag,
        is_memo_tracing_enabled: flag,
        receiver_invitation_resend_interval_days: integer,
        payment_cancellation_period_days: integer,
        receiver_registration_message_template: { ...text, maxLength: 255 },
        otp_message_template: { ...text, maxLength: 255 },
        privacy_policy_link: text,
        mfa_disabled: flag,
        captcha_disabled: flag,
        receiver_invitations_disabled: flag,
        email_codes_forbidden: flag,
        second_approver_amount: {
          ...text,
          description: 'Larger starts need two approvers; empty: none does.',
        },
        step_up_amount: {
          ...text,
          description: 'Larger starts ask for a fresh second factor; empty: none does.',
        },
      },
    ),
  },
  routes: {
    'GET /organization': { summary: 'The organisation', answers: { 200: json(named('Organization')) } },
    'PATCH /organization': {
      summary: 'Change settings or the logo',
      details:
        'A multipart form: `data` is the JSON text of an `OrganizationChange`, `logo` a PNG or JPEG; at most 2 MB.',
      body: {
        schema: object({ data: text }, { logo: { type: 'string', format: 'binary' } }),
        mediaTypes: ['multipart/form-data'],
      },
      answers: { 200: json(named('Message')) },
      refusals: { 408: 'Nothing came of the body for too long.' },
    },
    'GET /organization/logo': {
      summary: 'The logo',
      answers: { 200: file('image/*', 'A PNG or JPEG.') },
    },
    'GET /app-config': {
      summary: 'What the sign-in page has to know',
      answers: {
        200: json(object({ captcha_type: text, captcha_site_key: text, captcha_disabled: flag })),
      },
    },
  },
};
