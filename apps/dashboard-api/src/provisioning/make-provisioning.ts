import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import { UsersRepository } from '@libs/identity';
import { MessageRepository } from '@libs/messages';
import type { UnitOfWork } from '@libs/persistence';
import { LedgerAccountRequestsRepository, OrganizationsRepository, TenantsRepository } from '@libs/tenants';

import type { Outbox } from '@libs/eventing';
import { LedgerAccounts } from './ledger-accounts.service';
import { Provisioning } from './provisioning.service';
import { StaffMail } from './staff-mail.service';

export interface ProvisioningEnvironment {
  readonly unitOfWork: UnitOfWork;
  readonly outbox: Outbox;
  readonly networkPassphrase: string;
  readonly hostAccount: string;
  readonly messageKey: Uint8Array;
  /** How long a call waits for a ledger account; 30 seconds when it is left out. */
  readonly ledgerPatienceMs?: number | undefined;
}

/** The same service for the operator's server and for the command line. */
export function makeProvisioning(environment: ProvisioningEnvironment): {
  readonly provisioning: Provisioning;
  readonly ledgerAccounts: LedgerAccounts;
  readonly mail: StaffMail;
} {
  const { unitOfWork, outbox } = environment;
  const assets = new AssetsRepository();
  const ledgerAccounts = new LedgerAccounts({
    unitOfWork,
    outbox,
    assets,
    requests: new LedgerAccountRequestsRepository(),
    patienceMs: environment.ledgerPatienceMs,
  });
  const mail = new StaffMail(new MessageRepository(environment.messageKey), outbox);
  const provisioning = new Provisioning({
    unitOfWork,
    tenants: new TenantsRepository(),
    organizations: new OrganizationsRepository(),
    users: new UsersRepository(),
    assets,
    wallets: new WalletsRepository(),
    ledgerAccounts,
    mail,
    networkPassphrase: environment.networkPassphrase,
    hostAccount: environment.hostAccount,
  });
  return { provisioning, ledgerAccounts, mail };
}
