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

/** Whom a code was sent to, and where: the phone number or e-mail, normalised as it is stored. */
interface CodeAddressee {
  readonly tenantId: string;
  readonly receiverWalletId: string;
  readonly contact: string;
}

/** What is stored of a code: useless without the pepper, for any other receiver wallet, and for any other contact of its person. */
export const hashOneTimeCode = (
  pepper: Uint8Array,
  { tenantId, receiverWalletId, contact }: CodeAddressee,
  code: string,
): Uint8Array => hmacOf(pepper, ['one-time-code', tenantId, receiverWalletId, code, contact]);

/** What is stored of a contact that nobody knows. */
export const hashUnknownContact = (
  pepper: Uint8Array,
  at: { readonly tenantId: string; readonly clientDomain: string },
  contact: string,
): Uint8Array => hmacOf(pepper, ['unknown-contact', at.tenantId, at.clientDomain, contact]);
