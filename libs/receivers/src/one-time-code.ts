import { createHmac, randomInt } from 'node:crypto';

const CODE = /^[0-9]{6}$/;
/** Codes with a meaning on test networks are never handed out. */
const NEVER_GIVEN = ['000000', '999999'];

export const isOneTimeCode = (text: string): boolean => CODE.test(text);

/** Six random digits. */
export function newOneTimeCode(): string {
  for (;;) {
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    if (!NEVER_GIVEN.includes(code)) return code;
  }
}

const hmacOf = (pepper: Uint8Array, parts: readonly string[]): Uint8Array =>
  createHmac('sha256', pepper).update(parts.join('|')).digest();

/** What is stored of a code: useless without the pepper, and for any other receiver wallet. */
export const hashOneTimeCode = (
  pepper: Uint8Array,
  at: { readonly tenantId: string; readonly receiverWalletId: string },
  code: string,
): Uint8Array => hmacOf(pepper, ['one-time-code', at.tenantId, at.receiverWalletId, code]);

/** What is stored of a contact that nobody knows. */
export const hashUnknownContact = (
  pepper: Uint8Array,
  at: { readonly tenantId: string; readonly clientDomain: string },
  contact: string,
): Uint8Array => hmacOf(pepper, ['unknown-contact', at.tenantId, at.clientDomain, contact]);
