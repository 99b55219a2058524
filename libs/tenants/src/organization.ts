/** The texts that an organisation starts with; they are shown by the API only where they differ from these. */
export const DEFAULT_INVITATION_TEMPLATE =
  'You have a payment waiting for you from the {{.OrganizationName}}. Click {{.RegistrationLink}} to register.';
export const DEFAULT_OTP_TEMPLATE = '{{.OTP}} is your {{.OrganizationName}} verification code.';

/** The settings of a tenant that its own staff decide on. */
export interface Organization {
  readonly name: string;
  readonly timezoneUtcOffset: string;
  readonly invitationTemplate: string;
  readonly otpTemplate: string;
  readonly privacyPolicyLink: string | null;
  readonly isApprovalRequired: boolean;
  readonly isLinkShortenerEnabled: boolean;
  readonly isMemoTracingEnabled: boolean;
  /** Null: invitations are not sent again. */
  readonly invitationResendIntervalDays: number | null;
  /** Null: payments that nobody claims stay. */
  readonly paymentCancellationPeriodDays: number | null;
  readonly messageChannelPriority: readonly string[];
  /** Null: as the environment says. */
  readonly mfaDisabled: boolean | null;
  readonly captchaDisabled: boolean | null;
  readonly receiverInvitationsDisabled: boolean | null;
  /** Codes by mail are no second factor here. */
  readonly emailCodesForbidden: boolean;
  /** Minor units of any asset: starting more than this asks for a fresh second factor. Null: never. */
  readonly stepUpAmount: bigint | null;
  /** Minor units of any asset: more than this needs two approvers who did not make it. Null: never. */
  readonly secondApproverAmount: bigint | null;
}

export interface Logo {
  readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg';
}

/** What a change names; what is left out stays. */
export type OrganizationChange = Partial<Omit<Organization, 'messageChannelPriority'>> & {
  readonly logo?: Logo;
};
