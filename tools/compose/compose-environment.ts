import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { Keypair } from '@stellar/stellar-sdk';

/** The variables that docker-compose.yml takes from .env, each a new secret. */
export function composeEnvironment(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const hostAccount = Keypair.random();
  return {
    POSTGRES_PASSWORD: secret(),
    DASHBOARD_API_DB_PASSWORD: secret(),
    RECIPIENT_API_DB_PASSWORD: secret(),
    CORE_DB_PASSWORD: secret(),
    MESSAGING_DB_PASSWORD: secret(),
    SUBMISSION_DB_PASSWORD: secret(),
    EC256_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ADMIN_API_KEY: secret(),
    SEP10_SIGNING_PRIVATE_KEY: Keypair.random().secret(),
    SEP24_JWT_SECRET: secret(),
    VERIFICATION_PEPPER: secret(),
    MESSAGE_ENCRYPTION_KEY: secret(),
    DISTRIBUTION_SEED: hostAccount.secret(),
    DISTRIBUTION_PUBLIC_KEY: hostAccount.publicKey(),
    KEY_ENCRYPTION_KEY: secret(),
  };
}

/** 32 bytes as hexadecimal digits: safe in an address, in a list and in a shell. */
const secret = (): string => randomBytes(32).toString('hex');

/** The text of an .env file as Docker Compose reads it; a line break inside of double quotes is written `\n`. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.trim().replaceAll('\n', '\\n')}"\n`)
    .join('');
}
