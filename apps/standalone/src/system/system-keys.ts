import { generateKeyPairSync, randomBytes } from 'node:crypto';

import type { AppName } from '@libs/persistence';
import { Keypair } from '@stellar/stellar-sdk';

/** Every key and password of one installation, made at its first start. */
export interface SystemKeys {
  /** Raised when a field is added, so that an older file is recognised. */
  readonly version: 1;
  readonly postgresPassword: string;
  readonly ownerPassword: string;
  readonly rolePasswords: Readonly<Record<AppName, string>>;
  /** PEM, P-256. */
  readonly staffTokenKey: string;
  readonly operatorName: string;
  readonly operatorPassword: string;
  readonly webAuthSeed: string;
  readonly walletTokenSecret: string;
  readonly verificationPepper: string;
  readonly messageKey: string;
  readonly hostAccountSeed: string;
  readonly vaultKey: string;
  /** The demo wallet provider's signing key for SEP-10. */
  readonly demoWalletSeed: string;
  /** Issues the demo's asset on the sandbox network. */
  readonly issuerSeed: string;
  /** The simulated people's own ledger keys are derived from it. */
  readonly peopleSecret: string;
  readonly staffPassword: string;
}

export function newSystemKeys(): SystemKeys {
  return {
    version: 1,
    postgresPassword: secret(24),
    ownerPassword: secret(24),
    rolePasswords: {
      dashboardApi: secret(24),
      recipientApi: secret(24),
      disbursementCore: secret(24),
      messaging: secret(24),
      transactionSubmission: secret(24),
    },
    staffTokenKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
    operatorName: 'operator',
    operatorPassword: secret(16),
    webAuthSeed: seed(),
    walletTokenSecret: secret(32),
    verificationPepper: secret(32),
    messageKey: secret(32),
    hostAccountSeed: seed(),
    vaultKey: secret(32),
    demoWalletSeed: seed(),
    issuerSeed: seed(),
    peopleSecret: secret(32),
    // Long enough, and with one character of each class that the password rules ask for.
    staffPassword: `Demo-${secret(8)}-7x`,
  };
}

const secret = (bytes: number): string => randomBytes(bytes).toString('hex');
const seed = (): string => Keypair.random().secret();
