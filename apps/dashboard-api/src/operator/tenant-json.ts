import type { Tenant } from '@libs/tenants';

/** A tenant as the operator sees it. */
export const tenantJson = (tenant: Tenant): object => ({
  id: tenant.id,
  name: tenant.name,
  base_url: tenant.baseUrl,
  sdp_ui_base_url: tenant.sdpUiBaseUrl,
  status: `TENANT_${tenant.status}`,
  is_default: tenant.isDefault,
  created_at: tenant.createdAt,
  updated_at: tenant.updatedAt,
  deleted_at: tenant.deletedAt,
  distribution_account_address: tenant.distributionAccountAddress,
  distribution_account_type: tenant.distributionAccountType,
  distribution_account_status: tenant.distributionAccountStatus,
});
