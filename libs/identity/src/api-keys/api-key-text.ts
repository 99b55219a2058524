import { createHash, randomBytes } from 'node:crypto';

import { isId } from '@libs/kernel';

export const API_KEY_PREFIX = 'SDP_';
const SECRET_BYTES = 32;
const KEY = /^SDP_([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

/** The two halves of a key as it is sent: `SDP_<id>.<secret>`, the secret 256 bits in base64url. */
export interface ApiKeyText {
  readonly id: string;
  readonly secret: string;
}

export const newApiKeySecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

export const apiKeyText = ({ id, secret }: ApiKeyText): string => `${API_KEY_PREFIX}${id}.${secret}`;

/** Null for what is not the text of a key. */
export function readApiKey(text: string): ApiKeyText | null {
  const [, id = '', secret = ''] = KEY.exec(text) ?? [];
  return isId(id) ? { id, secret } : null;
}

/** A random secret of this length needs no slow hash: there is nothing to guess from. */
export const apiKeySecretHash = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();
