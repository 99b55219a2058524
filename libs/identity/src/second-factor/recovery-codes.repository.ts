import { createHmac, randomBytes } from 'node:crypto';

import type { TenantTx } from '@libs/persistence';

const CODES = 10;
/** No letters that look like digits or like each other. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const LETTERS_PER_CODE = 10;
const CODE = /^[a-z0-9]{5}-?[a-z0-9]{5}$/;
/** The largest multiple of the alphabet in a byte: above it a letter would be likelier than another. */
const BYTE_MAX = 256 - (256 % LETTERS.length);

function newCode(): string {
  let code = '';
  while (code.length < LETTERS_PER_CODE) {
    const [byte = BYTE_MAX] = randomBytes(1);
    if (byte < BYTE_MAX) code += LETTERS[byte % LETTERS.length] ?? '';
  }
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}

/** Codes on paper for who has lost their device: each works once, and only their HMAC is kept. */
export class RecoveryCodesRepository {
  constructor(private readonly pepper: Uint8Array) {}

  /** Ten new codes, as people write them (`abcde-fghjk`); the old ones stop working. */
  async replace(tx: TenantTx, userId: string): Promise<readonly string[]> {
    const codes = Array.from({ length: CODES }, newCode);
    await this.removeAll(tx, userId);
    await tx.execute(
      `INSERT INTO identity.recovery_codes (tenant_id, user_id, code_hmac) SELECT $1, $2, unnest($3::bytea[])`,
      [tx.tenantId, userId, codes.map((code) => this.hmacOf(tx.tenantId, userId, code))],
    );
    return codes;
  }

  /** Whether it is one of the person's codes; it is used up by this. */
  async redeem(tx: TenantTx, userId: string, guess: string): Promise<boolean> {
    const code = guess.trim().toLowerCase();
    if (!CODE.test(code)) return false;
    const used = await tx.execute(
      `UPDATE identity.recovery_codes SET used_at = now()
        WHERE tenant_id = $1 AND user_id = $2 AND code_hmac = $3 AND used_at IS NULL`,
      [tx.tenantId, userId, this.hmacOf(tx.tenantId, userId, code)],
    );
    return used === 1;
  }

  async left(tx: TenantTx, userId: string): Promise<number> {
    const row = await tx.queryOne<{ readonly left: bigint }>(
      `SELECT count(*) AS left FROM identity.recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL`,
      [tx.tenantId, userId],
    );
    return Number(row?.left ?? 0n);
  }

  async removeAll(tx: TenantTx, userId: string): Promise<void> {
    await tx.execute(`DELETE FROM identity.recovery_codes WHERE tenant_id = $1 AND user_id = $2`, [
      tx.tenantId,
      userId,
    ]);
  }

  private hmacOf(tenantId: string, userId: string, code: string): Uint8Array {
    const letters = code.replace('-', '');
    return createHmac('sha256', this.pepper).update(`recovery|${tenantId}|${userId}|${letters}`).digest();
  }
}
