import type { TenantTx } from '@libs/persistence';

const TRIES_MAX = 5;
const REMEMBER_FOR = '7 days';
const DEVICES_MAX = 200;
const WAITING = `is_waiting AND expires_at > now() AND tries < ${String(TRIES_MAX)}`;

/** A sign-in that waits for a second factor. */
export interface WaitingSignIn {
  readonly userId: string;
  /** Null when no code was sent by mail. */
  readonly codeHmac: Uint8Array | null;
  /** Null when no passkey was asked for, or the question was answered. */
  readonly passkeyChallenge: string | null;
}

interface WaitingRow {
  readonly user_id: string;
  readonly code_hmac: Uint8Array | null;
  readonly passkey_challenge: string | null;
}

export interface RememberedDevice {
  /** Hexadecimal, made from what the device calls itself. */
  readonly id: string;
  readonly rememberedUntil: Date;
}

/** Sign-ins that wait for a second factor, one per person and device, and which devices are remembered. */
export class MfaCodesRepository {
  async isRemembered(tx: TenantTx, userId: string, deviceHash: Uint8Array): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM identity.mfa_codes
        WHERE tenant_id = $1 AND user_id = $2 AND device_hash = $3 AND remembered_until > now()`,
      [tx.tenantId, userId, deviceHash],
    );
    return row !== null;
  }

  /** A new sign-in waits; an earlier one of this person on this device ends. */
  async wait(
    tx: TenantTx,
    signIn: {
      readonly userId: string;
      readonly deviceHash: Uint8Array;
      readonly codeHmac: Uint8Array | null;
    },
    seconds: number,
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO identity.mfa_codes (tenant_id, user_id, device_hash, code_hmac, is_waiting, expires_at)
       VALUES ($1, $2, $3, $4, true, now() + make_interval(secs => $5::int))
       ON CONFLICT (tenant_id, device_hash, user_id) DO UPDATE
         SET code_hmac = excluded.code_hmac, passkey_challenge = NULL, expires_at = excluded.expires_at, is_waiting = true,
             tries = 0, created_at = now()`,
      [tx.tenantId, signIn.userId, signIn.deviceHash, signIn.codeHmac, seconds],
    );
    await tx.execute(
      `DELETE FROM identity.mfa_codes WHERE tenant_id = $1 AND (device_hash, user_id) IN (
         SELECT device_hash, user_id FROM identity.mfa_codes
          WHERE tenant_id = $1 AND expires_at < now() - interval '1 day' AND coalesce(remembered_until, now()) <= now()
          LIMIT 100 FOR UPDATE SKIP LOCKED)`,
      [tx.tenantId],
    );
  }

  /** Adds a code by mail to a waiting sign-in that has none yet: one letter and still five tries. */
  async addCode(
    tx: TenantTx,
    userId: string,
    deviceHash: Uint8Array,
    codeHmac: Uint8Array,
  ): Promise<boolean> {
    const added = await tx.execute(
      `UPDATE identity.mfa_codes SET code_hmac = $4
        WHERE tenant_id = $1 AND user_id = $2 AND device_hash = $3 AND code_hmac IS NULL AND ${WAITING}`,
      [tx.tenantId, userId, deviceHash, codeHmac],
    );
    return added === 1;
  }

  /** The sign-ins that wait on a device, locked, so that guesses at the same time are counted one by one. */
  async lockWaiting(tx: TenantTx, deviceHash: Uint8Array): Promise<WaitingSignIn[]> {
    const rows = await tx.query<WaitingRow>(
      `SELECT user_id, code_hmac, passkey_challenge FROM identity.mfa_codes
        WHERE tenant_id = $1 AND device_hash = $2 AND ${WAITING} ORDER BY user_id FOR UPDATE`,
      [tx.tenantId, deviceHash],
    );
    return rows.map((row) => ({
      userId: row.user_id,
      codeHmac: row.code_hmac,
      passkeyChallenge: row.passkey_challenge,
    }));
  }

  /** Asks whoever waits on the device for a passkey, in place of an earlier question; null takes that one back. */
  async ask(tx: TenantTx, deviceHash: Uint8Array, challenge: string | null): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes SET passkey_challenge = $3 WHERE tenant_id = $1 AND device_hash = $2 AND ${WAITING}`,
      [tx.tenantId, deviceHash, challenge],
    );
  }

  async countTry(tx: TenantTx, deviceHash: Uint8Array): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes SET tries = tries + 1 WHERE tenant_id = $1 AND device_hash = $2 AND ${WAITING}`,
      [tx.tenantId, deviceHash],
    );
  }

  /** The sign-in is over, its code and its question with it. */
  async finish(tx: TenantTx, userId: string, deviceHash: Uint8Array): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes SET code_hmac = NULL, passkey_challenge = NULL, is_waiting = false
        WHERE tenant_id = $1 AND user_id = $2 AND device_hash = $3`,
      [tx.tenantId, userId, deviceHash],
    );
  }

  /** The device of a sign-in that is over is not asked again for a while. */
  async remember(tx: TenantTx, userId: string, deviceHash: Uint8Array): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes SET remembered_until = now() + interval '${REMEMBER_FOR}'
        WHERE tenant_id = $1 AND user_id = $2 AND device_hash = $3`,
      [tx.tenantId, userId, deviceHash],
    );
  }

  /**
   * No sign-in of the person waits any longer, wherever it was begun. Waits for one that is just proven, so it comes before
   * the end of the sessions: that one's would else be seen by neither.
   */
  async endWaiting(tx: TenantTx, userId: string): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes SET code_hmac = NULL, passkey_challenge = NULL, is_waiting = false
        WHERE tenant_id = $1 AND user_id = $2 AND is_waiting`,
      [tx.tenantId, userId],
    );
  }

  async rememberedDevices(tx: TenantTx, userId: string): Promise<RememberedDevice[]> {
    const rows = await tx.query<{ readonly id: string; readonly remembered_until: Date }>(
      `SELECT encode(device_hash, 'hex') AS id, remembered_until FROM identity.mfa_codes
        WHERE tenant_id = $1 AND user_id = $2 AND remembered_until > now()
        ORDER BY remembered_until DESC LIMIT ${String(DEVICES_MAX)}`,
      [tx.tenantId, userId],
    );
    return rows.map((row) => ({ id: row.id, rememberedUntil: row.remembered_until }));
  }

  /** Devices that have to show a second factor again: one of them, or all. Returns how many. */
  async forgetDevices(tx: TenantTx, userId: string, deviceId: string | null = null): Promise<number> {
    return await tx.execute(
      `UPDATE identity.mfa_codes SET remembered_until = NULL
        WHERE tenant_id = $1 AND user_id = $2 AND remembered_until > now()
          AND ($3::text IS NULL OR encode(device_hash, 'hex') = $3)`,
      [tx.tenantId, userId, deviceId],
    );
  }
}
