import { ledgerKeyOf } from '@libs/ledger-stellar/submitter';
import type { UnitOfWork } from '@libs/persistence';
import { VaultRepository } from '@libs/submissions';

import type { KeySettings } from './key-settings';
import type { LedgerKeys } from './ledger-keys.port';
import { RemoteKeys } from './remote-keys';
import { VaultKeys } from './vault-keys';

/** Opens the keys where the settings say that they are. Throws `SignerUnavailableError` when the signer cannot be reached. */
export async function openKeys(settings: KeySettings, uow: UnitOfWork): Promise<LedgerKeys> {
  if (settings.kind === 'signer') return await RemoteKeys.open({ socket: settings.socket });
  return new VaultKeys(uow, new VaultRepository(), {
    encryptionKeys: settings.encryptionKeys,
    host: ledgerKeyOf(settings.hostSeed),
    ...(settings.hostAccount === undefined ? {} : { hostAccount: settings.hostAccount }),
  });
}
