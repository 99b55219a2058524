import { twoTenantSuite } from '@libs/testing';

import { LedgerAccountRequestsRepository } from './ledger-account-requests.repository';
import { OrganizationsRepository } from './organizations.repository';

twoTenantSuite('settings and requests', {
  app: 'dashboardApi',
  tables: ['tenants.organizations', 'tenants.ledger_account_requests'],
  given: async (tx, tenantId) => {
    await tx.execute(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, distribution_account_type)
       VALUES ($1, $2, 'http://a.test', 'http://b.test', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
      [tenantId, `tenant-${tenantId.slice(-1)}`],
    );
    const organization = { name: 'Relief', mfaDisabled: null, captchaDisabled: null };
    await new OrganizationsRepository().add(tx, organization);
    await new LedgerAccountRequestsRepository().open(tx, 'create-account', null);
  },
});
