import { readSettings } from '@libs/config';

import { LedgerKey } from '../stellar/ledger-key';
import { dataFolderPath, openDataFolder } from '../system/data-folder';
import { walletDomain } from '../system/installation';
import { portPlan } from '../system/port-plan';
import { ClientDomainSigner } from './client-domain-signer';
import { demoWallet } from './demo-wallet';

function main(): void {
  const settings = readSettings(['DATA_DIR', 'PORT_BASE', 'NETWORK_PASSPHRASE'] as const);
  const { keys } = openDataFolder(dataFolderPath(settings.DATA_DIR));
  const ports = portPlan(settings.PORT_BASE);
  const networkPassphrase = settings.NETWORK_PASSPHRASE;
  const signer = new ClientDomainSigner(LedgerKey.fromSecret(keys.demoWalletSeed), {
    domain: walletDomain(ports),
    networkPassphrase,
  });
  const server = demoWallet({ signer, networkPassphrase });
  server.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  server.listen(ports.wallet, '127.0.0.1');
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

main();
