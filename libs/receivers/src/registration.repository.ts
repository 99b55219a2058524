import type { VerificationField } from '@libs/contracts';
import { receiverWalletMachine } from '@libs/domain';
import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { timingSafeEqual } from 'node:crypto';

import { AddressOwners } from './address-owners.repository';
import { ArrivingAddresses } from './arriving-addresses.repository';
import { isPublished } from './arriving-people.read-model';
import { ArrivingValues } from './arriving-values.repository';

/** Wrong values per verification; then only staff can set it anew. */
export const VERIFICATION_ATTEMPTS_MAX = 15;

export type VerificationVerdict = 'right' | 'wrong' | 'exceeded';

export interface NewRegistration {
  readonly receiverWalletId: string;
  readonly receiverId: string;
  readonly stellarAddress: string;
  /** Of type id; null without one. */
  readonly stellarMemo: string | null;
  readonly depositId: string;
  /** The contact that the code went to. */
  readonly confirmedWith: string;
}

/** The steps by which a person's wallet gets registered. */
export class RegistrationRepository {
  private readonly values = new ArrivingValues();
  private readonly addresses = new ArrivingAddresses();
  private readonly owners = new AddressOwners();

  /** Compares the value that the person gave and counts a wrong one under a lock on the row. */
  async verify(
    tx: TenantTx,
    claim: {
      readonly receiverId: string;
      readonly field: VerificationField;
      /** The value as it is stored of this person. */
      readonly bound: Uint8Array;
      /** The value as it was stored before, with each contact of the person; one of them has to fit then. */
      readonly withContacts: readonly Uint8Array[];
      readonly channel: 'SMS' | 'EMAIL';
    },
  ): Promise<VerificationVerdict> {
    await this.values.fold(tx, [claim.receiverId]);
    const place = [tx.tenantId, claim.receiverId, claim.field];
    const row = await tx.queryOne<{ value_hmac: Uint8Array; bound_to: string; attempts: number }>(
      `SELECT value_hmac, bound_to, attempts FROM receivers.verifications v
        WHERE tenant_id = $1 AND receiver_id = $2 AND verification_field = $3 AND ${isPublished('v')} FOR UPDATE`,
      place,
    );
    if (row === null) return 'wrong';
    if (row.attempts >= VERIFICATION_ATTEMPTS_MAX) return 'exceeded';
    const forms = row.bound_to === 'RECEIVER' ? [claim.bound] : claim.withContacts;
    const fits = forms.map((hmac) => timingSafeEqual(row.value_hmac, hmac));
    if (!fits.includes(true)) {
      await tx.execute(
        `UPDATE receivers.verifications SET attempts = attempts + 1, failed_at = now(), updated_at = now()
          WHERE tenant_id = $1 AND receiver_id = $2 AND verification_field = $3`,
        place,
      );
      return 'wrong';
    }
    if (row.bound_to !== 'RECEIVER') {
      await tx.execute(
        `UPDATE receivers.verifications SET value_hmac = $4, bound_to = 'RECEIVER', updated_at = now()
          WHERE tenant_id = $1 AND receiver_id = $2 AND verification_field = $3`,
        [...place, claim.bound],
      );
    }
    await tx.execute(
      `UPDATE receivers.verifications SET confirmed_at = coalesce(confirmed_at, now()), confirmed_by_type = 'RECEIVER',
              confirmed_by_id = $2::text, verification_channel = $4, updated_at = now()
        WHERE tenant_id = $1 AND receiver_id = $2::uuid AND verification_field = $3 AND confirmed_at IS NULL`,
      [...place, claim.channel],
    );
    return 'right';
  }

  /** Claims the address for the receiver. False: it is somebody else's. */
  async claimAddress(tx: TenantTx, stellarAddress: string, receiverId: string): Promise<boolean> {
    return await this.owners.claim(tx, stellarAddress, receiverId);
  }

  /** *register*. False when the receiver wallet is in no state that the move leaves: flagged or registered meanwhile, be it by a file. */
  async register(tx: TenantTx, registration: NewRegistration): Promise<boolean> {
    await this.addresses.fold(tx, [registration.receiverWalletId]);
    const target = receiverWalletMachine.targetOf('register');
    const moved = await tx.execute(
      `UPDATE receivers.receiver_wallets SET status = $3, stellar_address = $4, stellar_memo = $5,
              stellar_memo_type = CASE WHEN $5::text IS NULL THEN NULL ELSE 'id' END, deposit_id = $6,
              otp_confirmed_at = now(), otp_confirmed_with = $7, updated_at = now(),
              status_history = status_history || history_entry($3, $8, '')
        WHERE tenant_id = $1 AND id = $2 AND status = ANY($9)`,
      [
        tx.tenantId,
        registration.receiverWalletId,
        target,
        registration.stellarAddress,
        registration.stellarMemo,
        registration.depositId,
        registration.confirmedWith,
        tx.actor,
        receiverWalletMachine.sourcesOf('register'),
      ],
    );
    return moved === 1;
  }

  /** Deletes at most `limit` attempts of unknown contacts that are older than these days; answers how many they were. */
  async forgetUnknown(tx: TenantTx, days: number, limit: number): Promise<number> {
    return await tx.execute(
      `DELETE FROM receivers.registration_attempts WHERE tenant_id = $1 AND id = ANY (ARRAY(
         SELECT id FROM receivers.registration_attempts
          WHERE tenant_id = $1 AND attempted_at < now() - make_interval(days => $2) ORDER BY attempted_at LIMIT $3))`,
      [tx.tenantId, days, limit],
    );
  }

  /** Somebody asked for a code with a contact that nobody knows: kept as HMAC, for support and for counting. */
  async noteUnknown(
    tx: TenantTx,
    attempt: {
      readonly contactHmac: Uint8Array;
      readonly clientDomain: string;
      readonly depositId: string;
      readonly stellarAddress: string;
      readonly stellarMemo: string | null;
    },
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO receivers.registration_attempts (tenant_id, id, contact_hmac, client_domain, deposit_id, stellar_address, stellar_memo)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        tx.tenantId,
        newId(),
        attempt.contactHmac,
        attempt.clientDomain,
        attempt.depositId,
        attempt.stellarAddress,
        attempt.stellarMemo,
      ],
    );
  }
}
