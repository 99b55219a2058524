import type { TenantStatus } from '@libs/contracts';

export const DISTRIBUTION_ACCOUNT_TYPES = [
  'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
  'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
  'DISTRIBUTION_ACCOUNT.CIRCLE.DB_VAULT',
] as const;
/** Where the money leaves from: the host's account, an account of the tenant's own, or Circle. */
export type DistributionAccountType = (typeof DISTRIBUTION_ACCOUNT_TYPES)[number];

/** One organisation, as the operator sees it. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly sdpUiBaseUrl: string;
  readonly status: TenantStatus;
  readonly isDefault: boolean;
  readonly distributionAccountAddress: string | null;
  readonly distributionAccountType: DistributionAccountType;
  readonly distributionAccountStatus: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

/** Where its logo is shown to anybody: the host alone tells whose it is. */
export const logoUrlOf = ({ baseUrl }: Tenant): string => `${baseUrl.replace(/\/+$/, '')}/organization/logo`;

/** A tenant that may be worked with: provisioned or activated, not deleted. */
export const isUsable = (tenant: Tenant): boolean =>
  (tenant.status === 'PROVISIONED' || tenant.status === 'ACTIVATED') && tenant.deletedAt === null;
