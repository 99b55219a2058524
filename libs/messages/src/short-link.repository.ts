import type { TenantTx } from '@libs/persistence';
import { createHash, randomInt } from 'node:crypto';

const ALPHABET = '0123456789abcdefghijkmnpqrstuvwxyz';
const CODE_LENGTH = 6;
const TRIES_MAX = 5;

const newCode = (length: number): string =>
  Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');

/** Short codes that lead to long links: `<base_url>/r/<code>`. */
export class ShortLinkRepository {
  /** The code of this link; the same link keeps the code it got first. */
  async codeFor(tx: TenantTx, url: string): Promise<string> {
    const digest = createHash('sha256').update(url).digest();
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      // A collision of codes is rare; each further try takes a longer one.
      const code = newCode(CODE_LENGTH + tries);
      await tx.execute(
        `INSERT INTO messages.short_links (tenant_id, code, url, url_digest) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [tx.tenantId, code, url, digest],
      );
      const row = await tx.queryOne<{ code: string }>(
        'SELECT code FROM messages.short_links WHERE tenant_id = $1 AND url_digest = $2',
        [tx.tenantId, digest],
      );
      if (row !== null) return row.code;
    }
    throw new Error('no free code for a short link was found');
  }

  async urlOf(tx: TenantTx, code: string): Promise<string | null> {
    const row = await tx.queryOne<{ url: string }>(
      'SELECT url FROM messages.short_links WHERE tenant_id = $1 AND code = $2',
      [tx.tenantId, code],
    );
    return row?.url ?? null;
  }
}
