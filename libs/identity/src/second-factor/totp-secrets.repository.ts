import { SealedColumnError, sealedFor, sealText, type TenantTx, unsealText } from '@libs/persistence';
import { generateSecret, verifySync } from 'otplib';

const CODE = /^[0-9]{6}$/;
/** One step of drift each way: a clock that is half a minute off still works. */
const DRIFT_SECONDS = 30;

interface SecretRow {
  readonly secret_sealed: Uint8Array;
  readonly last_step: bigint;
}

/**
 * The secrets of authenticator apps (RFC 6238), sealed; a code of them works once. No code of a secret that cannot be opened is
 * right, and the app still counts as set up: whoever spoils a secret must not get in with less.
 */
export class TotpSecretsRepository {
  constructor(
    private readonly sealingKey: Uint8Array,
    /** Told whenever a code could not be compared, as only an operator can tell why. */
    private readonly onUnreadable: (userId: string, error: SealedColumnError) => void,
  ) {}

  /** A new secret in base32, in force once a code of it was shown; null when the person has one that is. */
  async begin(tx: TenantTx, userId: string): Promise<string | null> {
    const secret = generateSecret();
    const begun = await tx.execute(
      `INSERT INTO identity.totp_secrets AS kept (tenant_id, user_id, secret_sealed) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, user_id) DO UPDATE
         SET secret_sealed = excluded.secret_sealed, last_step = 0, created_at = now() WHERE kept.confirmed_at IS NULL`,
      [tx.tenantId, userId, sealText(this.sealingKey, placeOf(tx, userId), secret)],
    );
    return begun === 1 ? secret : null;
  }

  /** Puts the secret in force with its first code. */
  async confirm(tx: TenantTx, userId: string, code: string, now: Date): Promise<boolean> {
    if (!(await this.use(tx, userId, { code, now, confirmed: false }))) return false;
    await tx.execute(
      `UPDATE identity.totp_secrets SET confirmed_at = now() WHERE tenant_id = $1 AND user_id = $2`,
      [tx.tenantId, userId],
    );
    return true;
  }

  /** Whether it is a code of the person's app that was not used before; it is used up by this. */
  async redeem(tx: TenantTx, userId: string, code: string, now: Date): Promise<boolean> {
    return await this.use(tx, userId, { code, now, confirmed: true });
  }

  async confirmedAt(tx: TenantTx, userId: string): Promise<Date | null> {
    const row = await tx.queryOne<{ readonly confirmed_at: Date | null }>(
      `SELECT confirmed_at FROM identity.totp_secrets WHERE tenant_id = $1 AND user_id = $2`,
      [tx.tenantId, userId],
    );
    return row?.confirmed_at ?? null;
  }

  /** False when there was none. */
  async remove(tx: TenantTx, userId: string): Promise<boolean> {
    const removed = await tx.execute(
      `DELETE FROM identity.totp_secrets WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL`,
      [tx.tenantId, userId],
    );
    return removed === 1;
  }

  private async use(
    tx: TenantTx,
    userId: string,
    guess: { readonly code: string; readonly now: Date; readonly confirmed: boolean },
  ): Promise<boolean> {
    if (!CODE.test(guess.code)) return false;
    const row = await tx.queryOne<SecretRow>(
      `SELECT secret_sealed, last_step FROM identity.totp_secrets
        WHERE tenant_id = $1 AND user_id = $2 AND (confirmed_at IS NOT NULL) = $3 FOR UPDATE`,
      [tx.tenantId, userId, guess.confirmed],
    );
    const secret = row === null ? null : this.opened(tx, userId, row.secret_sealed);
    if (row === null || secret === null) return false;
    const result = verifySync({
      strategy: 'totp',
      secret,
      token: guess.code,
      epoch: Math.floor(guess.now.getTime() / 1000),
      epochTolerance: DRIFT_SECONDS,
      afterTimeStep: Number(row.last_step),
    });
    if (!result.valid || !('timeStep' in result)) return false;
    await tx.execute(
      `UPDATE identity.totp_secrets SET last_step = $3 WHERE tenant_id = $1 AND user_id = $2`,
      [tx.tenantId, userId, result.timeStep],
    );
    return true;
  }

  private opened(tx: TenantTx, userId: string, sealed: Uint8Array): string | null {
    try {
      return unsealText(this.sealingKey, placeOf(tx, userId), sealed);
    } catch (error) {
      if (!(error instanceof SealedColumnError)) throw error;
      this.onUnreadable(userId, error);
      return null;
    }
  }
}

const placeOf = (tx: TenantTx, userId: string): string =>
  sealedFor(tx.tenantId, 'identity.totp_secrets', userId);
