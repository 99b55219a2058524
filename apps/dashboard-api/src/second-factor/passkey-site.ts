import type { PasskeySite } from '@libs/identity';
import type { Organization, Tenant } from '@libs/tenants';

/** Passkeys belong to the screens of the organisation: a look-alike page elsewhere cannot ask for them. */
export const passkeySiteOf = (tenant: Tenant, organization: Organization | null): PasskeySite => ({
  name: organization?.name ?? tenant.name,
  origin: new URL(tenant.sdpUiBaseUrl).origin,
});
