import type { SqlValue, TenantTx } from '@libs/persistence';

import { DEFAULT_LOGO } from './default-logo';
import type { Logo, Organization, OrganizationChange } from './organization';

interface OrganizationRow {
  readonly name: string;
  readonly timezone_utc_offset: string;
  readonly receiver_registration_message_template: string;
  readonly otp_message_template: string;
  readonly privacy_policy_link: string | null;
  readonly is_approval_required: boolean;
  readonly is_link_shortener_enabled: boolean;
  readonly is_memo_tracing_enabled: boolean;
  readonly receiver_invitation_resend_interval_days: number | null;
  readonly payment_cancellation_period_days: number | null;
  readonly message_channel_priority: readonly string[];
  readonly mfa_disabled: boolean | null;
  readonly captcha_disabled: boolean | null;
  readonly receiver_invitations_disabled: boolean | null;
  readonly email_codes_forbidden: boolean;
  readonly step_up_amount: bigint | null;
  readonly second_approver_amount: bigint | null;
}

type ScalarField = Exclude<keyof OrganizationChange, 'logo'>;

/** Which column holds which field: the only names that an UPDATE is made of. */
const COLUMNS: Readonly<Record<ScalarField, keyof OrganizationRow>> = {
  name: 'name',
  timezoneUtcOffset: 'timezone_utc_offset',
  invitationTemplate: 'receiver_registration_message_template',
  otpTemplate: 'otp_message_template',
  privacyPolicyLink: 'privacy_policy_link',
  isApprovalRequired: 'is_approval_required',
  isLinkShortenerEnabled: 'is_link_shortener_enabled',
  isMemoTracingEnabled: 'is_memo_tracing_enabled',
  invitationResendIntervalDays: 'receiver_invitation_resend_interval_days',
  paymentCancellationPeriodDays: 'payment_cancellation_period_days',
  mfaDisabled: 'mfa_disabled',
  captchaDisabled: 'captcha_disabled',
  receiverInvitationsDisabled: 'receiver_invitations_disabled',
  emailCodesForbidden: 'email_codes_forbidden',
  stepUpAmount: 'step_up_amount',
  secondApproverAmount: 'second_approver_amount',
};

const isScalarField = (name: string): name is ScalarField => name in COLUMNS;

export class OrganizationsRepository {
  /** Adds the organisation of a new tenant; one that is there stays as it is. */
  async add(
    tx: TenantTx,
    organization: {
      readonly name: string;
      readonly mfaDisabled: boolean | null;
      readonly captchaDisabled: boolean | null;
    },
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO tenants.organizations (tenant_id, name, mfa_disabled, captcha_disabled) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id) DO NOTHING`,
      [tx.tenantId, organization.name, organization.mfaDisabled, organization.captchaDisabled],
    );
  }

  /** Null only for a tenant whose provisioning has not come that far. */
  async find(tx: TenantTx): Promise<Organization | null> {
    return await this.read(tx, '');
  }

  /** The same, locked until the end of the database transaction, so that what is read is what is changed. */
  async lock(tx: TenantTx): Promise<Organization | null> {
    return await this.read(tx, 'FOR NO KEY UPDATE');
  }

  /** Its own, or the built-in one until it has one. */
  async logo(tx: TenantTx): Promise<Logo> {
    const row = await tx.queryOne<{ readonly logo: Uint8Array | null; readonly logo_type: string | null }>(
      `SELECT logo, logo_type FROM tenants.organizations WHERE tenant_id = $1`,
      [tx.tenantId],
    );
    if (row === null || row.logo === null) return DEFAULT_LOGO;
    return { bytes: row.logo, type: row.logo_type === 'image/jpeg' ? 'image/jpeg' : 'image/png' };
  }

  async change(tx: TenantTx, change: OrganizationChange): Promise<void> {
    const values: SqlValue[] = [tx.tenantId];
    const sets = ['updated_at = now()'];
    const set = (column: string, value: SqlValue): void => {
      values.push(value);
      sets.push(`${column} = $${String(values.length)}`);
    };
    for (const field of Object.keys(change).filter(isScalarField)) {
      const value = change[field];
      if (value !== undefined) set(COLUMNS[field], value);
    }
    if (change.logo !== undefined) {
      set('logo', change.logo.bytes);
      set('logo_type', change.logo.type);
    }
    await tx.execute(`UPDATE tenants.organizations SET ${sets.join(', ')} WHERE tenant_id = $1`, values);
  }

  private async read(tx: TenantTx, locking: '' | 'FOR NO KEY UPDATE'): Promise<Organization | null> {
    const row = await tx.queryOne<OrganizationRow>(
      `SELECT ${[...Object.values(COLUMNS), 'message_channel_priority'].join(', ')} FROM tenants.organizations
        WHERE tenant_id = $1 ${locking}`,
      [tx.tenantId],
    );
    if (row === null) return null;
    return {
      name: row.name,
      timezoneUtcOffset: row.timezone_utc_offset,
      invitationTemplate: row.receiver_registration_message_template,
      otpTemplate: row.otp_message_template,
      privacyPolicyLink: row.privacy_policy_link,
      isApprovalRequired: row.is_approval_required,
      isLinkShortenerEnabled: row.is_link_shortener_enabled,
      isMemoTracingEnabled: row.is_memo_tracing_enabled,
      invitationResendIntervalDays: row.receiver_invitation_resend_interval_days,
      paymentCancellationPeriodDays: row.payment_cancellation_period_days,
      messageChannelPriority: row.message_channel_priority,
      mfaDisabled: row.mfa_disabled,
      captchaDisabled: row.captcha_disabled,
      receiverInvitationsDisabled: row.receiver_invitations_disabled,
      emailCodesForbidden: row.email_codes_forbidden,
      stepUpAmount: row.step_up_amount,
      secondApproverAmount: row.second_approver_amount,
    };
  }
}
