import type { TenantTx } from '@libs/persistence';
import { timingSafeEqual } from 'node:crypto';

import {
  CODE_LIFETIME_SECONDS,
  CODES_PER_HOUR_MAX,
  type CodeVerdict,
  refusalBefore,
  verdictOfWrong,
} from './one-time-code.policy';

/** Whose code it is: a receiver wallet's, or of a contact that nobody knows (its HMAC), for which no code exists. */
export type CodeOwner =
  | { readonly receiverWalletId: string }
  | { readonly unknownContact: Uint8Array; readonly receiverWalletId?: never };

interface CodeRow {
  readonly code_hmac: Uint8Array | null;
  readonly is_expired: boolean;
  readonly tries: number;
  readonly window_tries: number;
}

const WINDOW_OVER = `kept.window_started_at <= now() - interval '1 hour'`;

/** Codes and the tries at them. Unknown contacts are counted in the same way, so that answers tell nothing. */
export class OneTimeCodeRepository {
  /** Replaces the code, which gives it five tries of its own. False: too many codes were asked for in this hour. */
  async issue(tx: TenantTx, owner: CodeOwner, codeHmac: Uint8Array): Promise<boolean> {
    const { table, column, key } = placeOf(owner);
    const hasCode = owner.receiverWalletId !== undefined;
    const issued = await tx.execute(
      `INSERT INTO ${table} AS kept (tenant_id, ${column}, created_at, expires_at, window_started_at, window_codes${hasCode ? ', code_hmac' : ''})
       VALUES ($1, $2, now(), now() + make_interval(secs => ${String(CODE_LIFETIME_SECONDS)}), now(), 1${hasCode ? ', $3' : ''})
       ON CONFLICT (tenant_id, ${column}) DO UPDATE SET
         created_at = now(), expires_at = excluded.expires_at, tries = 0${hasCode ? ', code_hmac = excluded.code_hmac' : ''},
         window_started_at = CASE WHEN ${WINDOW_OVER} THEN now() ELSE kept.window_started_at END,
         window_tries = CASE WHEN ${WINDOW_OVER} THEN 0 ELSE kept.window_tries END,
         window_codes = CASE WHEN ${WINDOW_OVER} THEN 1 ELSE kept.window_codes + 1 END
       WHERE ${WINDOW_OVER} OR kept.window_codes < ${String(CODES_PER_HOUR_MAX)}`,
      [tx.tenantId, key, ...(hasCode ? [codeHmac] : [])],
    );
    return issued === 1;
  }

  /**
   * Compares a code and counts a wrong one, under a lock on the row: of parallel guesses each counts.
   *
   * The caller commits whatever the verdict is. `isAccepted` lets a code pass that was never issued (test networks).
   */
  async attempt(
    tx: TenantTx,
    owner: CodeOwner,
    guess: { readonly codeHmac: Uint8Array; readonly isAccepted: boolean },
  ): Promise<CodeVerdict> {
    const { table, column, key } = placeOf(owner);
    const row = await tx.queryOne<CodeRow>(
      `SELECT ${owner.receiverWalletId === undefined ? 'NULL::bytea AS code_hmac' : 'code_hmac'}, expires_at <= now() AS is_expired, tries,
              CASE WHEN ${WINDOW_OVER} THEN 0 ELSE window_tries END AS window_tries
         FROM ${table} kept WHERE tenant_id = $1 AND ${column} = $2 FOR UPDATE`,
      [tx.tenantId, key],
    );
    // Nobody asked for a code, so there is none to guess and nothing to count.
    if (row === null) return guess.isAccepted ? 'right' : 'wrong';
    const state = { isExpired: row.is_expired, tries: row.tries, windowTries: row.window_tries };
    const refusal = refusalBefore(state);
    if (refusal === 'exceeded' || (refusal === 'expired' && !guess.isAccepted)) return refusal;
    // Compared in every case, so that a contact that nobody knows costs the same time.
    const isEqual = timingSafeEqual(row.code_hmac ?? new Uint8Array(guess.codeHmac.length), guess.codeHmac);
    if (guess.isAccepted || (row.code_hmac !== null && isEqual)) return 'right';
    await tx.execute(
      `UPDATE ${table} AS kept SET tries = tries + 1,
              window_tries = CASE WHEN ${WINDOW_OVER} THEN 1 ELSE window_tries + 1 END,
              window_codes = CASE WHEN ${WINDOW_OVER} THEN 0 ELSE window_codes END,
              window_started_at = CASE WHEN ${WINDOW_OVER} THEN now() ELSE window_started_at END
        WHERE tenant_id = $1 AND ${column} = $2`,
      [tx.tenantId, key],
    );
    return verdictOfWrong(state);
  }

  /** The code did its work and works no second time. */
  async consume(tx: TenantTx, receiverWalletId: string): Promise<void> {
    await tx.execute(
      'DELETE FROM receivers.one_time_codes WHERE tenant_id = $1 AND receiver_wallet_id = $2',
      [tx.tenantId, receiverWalletId],
    );
  }

  /** Forgets at most `limit` unknown contacts whose hour is over. */
  async forgetUnknown(tx: TenantTx, limit: number): Promise<number> {
    return await tx.execute(
      `DELETE FROM receivers.unknown_contact_codes WHERE tenant_id = $1 AND contact_hmac = ANY (ARRAY(
         SELECT contact_hmac FROM receivers.unknown_contact_codes
          WHERE tenant_id = $1 AND window_started_at < now() - interval '2 hours' ORDER BY window_started_at LIMIT $2))`,
      [tx.tenantId, limit],
    );
  }
}

function placeOf(owner: CodeOwner): { table: string; column: string; key: string | Uint8Array } {
  return owner.receiverWalletId === undefined
    ? { table: 'receivers.unknown_contact_codes', column: 'contact_hmac', key: owner.unknownContact }
    : { table: 'receivers.one_time_codes', column: 'receiver_wallet_id', key: owner.receiverWalletId };
}
