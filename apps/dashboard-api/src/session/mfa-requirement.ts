import { PUBLIC_NETWORK_PASSPHRASE } from '@libs/config';
import type { Organization } from '@libs/tenants';

import type { StaffSettings } from '../staff-settings';

/** Whether sign-in asks for a second factor: the organisation's word counts before the environment's. */
export function needsSecondFactor(
  organization: Organization | null,
  settings: Pick<StaffSettings, 'DISABLE_MFA' | 'NETWORK_PASSPHRASE'>,
): boolean {
  // Where money is real, neither word can switch it off.
  if (settings.NETWORK_PASSPHRASE === PUBLIC_NETWORK_PASSPHRASE) return true;
  return !(organization?.mfaDisabled ?? settings.DISABLE_MFA);
}
