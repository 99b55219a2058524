import type { VerificationField } from '@libs/contracts';
import { err, newId, ok, type Result } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { ArrivingAddresses } from './arriving-addresses.repository';
import { isPublished } from './arriving-people.read-model';
import { ArrivingValues } from './arriving-values.repository';

export interface NewReceiver {
  readonly email: string | null;
  readonly phoneNumber: string | null;
  readonly externalId: string;
}

/** What is given replaces what is stored; what is left out stays. */
export type ReceiverChange = Partial<{
  readonly email: string;
  readonly phoneNumber: string;
  readonly externalId: string;
}>;

/** The contact that another receiver of the organisation has already. */
export type ContactConflict = 'email' | 'phone_number';

/** People, one by one, as staff enter them. Files of people go through `PublishReceivers`. */
export class ReceiversRepository {
  private readonly values = new ArrivingValues();
  private readonly addresses = new ArrivingAddresses();

  /** The new receiver's id, or which contact somebody else has. */
  async add(tx: TenantTx, receiver: NewReceiver): Promise<Result<string, ContactConflict>> {
    const id = newId();
    const added = await tx.execute(
      `INSERT INTO receivers.receivers (tenant_id, id, email, phone_number, external_id)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [tx.tenantId, id, receiver.email, receiver.phoneNumber, receiver.externalId],
    );
    return added === 1 ? ok(id) : err((await this.takenOf(tx, receiver, id)) ?? 'email');
  }

  /** Null when it was changed, or there is nobody with this id. */
  async change(tx: TenantTx, id: string, change: ReceiverChange): Promise<ContactConflict | null> {
    const given = { email: change.email ?? null, phoneNumber: change.phoneNumber ?? null };
    const taken = await this.takenOf(tx, given, id);
    if (taken !== null) return taken;
    await tx.execute(
      `UPDATE receivers.receivers
          SET email = coalesce($3, email), phone_number = coalesce($4, phone_number),
              external_id = coalesce($5, external_id), updated_at = now()
        WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id, given.email, given.phoneNumber, change.externalId ?? null],
    );
    return null;
  }

  /** Null when there is nobody with this id. The row stays locked until the end of the database transaction. */
  async lock(tx: TenantTx, id: string): Promise<NewReceiver | null> {
    return await tx.queryOne<NewReceiver>(
      `SELECT email, phone_number AS "phoneNumber", external_id AS "externalId" FROM receivers.receivers r WHERE tenant_id = $1 AND id = $2 AND ${isPublished('r')} FOR NO KEY UPDATE`,
      [tx.tenantId, id],
    );
  }

  /** What files said of the person's verification values and addresses counts before anything that is done with them from now on. */
  async foldArrived(tx: TenantTx, id: string): Promise<void> {
    await this.values.fold(tx, [id]);
    await this.addresses.foldOf(tx, id);
  }

  /**
   * Stores the bound hash of a verification value, with its tries at zero. A value that the person had confirmed counts as
   * confirmed by `changedBy`, a member of staff; one that nobody confirmed yet goes on waiting for the person. What files said
   * before is folded first (`foldArrived`), so that it does not count again afterwards.
   */
  async setVerification(
    tx: TenantTx,
    verification: {
      readonly receiverId: string;
      readonly field: VerificationField;
      readonly valueHmac: Uint8Array;
      readonly changedBy: string | null;
    },
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO receivers.verifications
         (tenant_id, receiver_id, verification_field, value_hmac, bound_to)
       VALUES ($1, $2, $3, $4, 'RECEIVER')
       ON CONFLICT (tenant_id, receiver_id, verification_field) DO UPDATE
         SET value_hmac = excluded.value_hmac, bound_to = excluded.bound_to, attempts = 0, failed_at = NULL, brought_by = NULL,
             confirmed_by_type = CASE WHEN verifications.confirmed_at IS NOT NULL THEN 'USER' END,
             confirmed_by_id = CASE WHEN verifications.confirmed_at IS NOT NULL THEN $5::text END, updated_at = now()`,
      [
        tx.tenantId,
        verification.receiverId,
        verification.field,
        verification.valueHmac,
        verification.changedBy,
      ],
    );
  }

  private async takenOf(
    tx: TenantTx,
    contacts: { readonly email: string | null; readonly phoneNumber: string | null },
    exceptId: string,
  ): Promise<ContactConflict | null> {
    const row = await tx.queryOne<{ readonly taken: ContactConflict }>(
      `SELECT 'email' AS taken FROM receivers.receivers WHERE tenant_id = $1 AND email = $2 AND id <> $4
       UNION ALL
       SELECT 'phone_number' FROM receivers.receivers WHERE tenant_id = $1 AND phone_number = $3 AND id <> $4
       LIMIT 1`,
      [tx.tenantId, contacts.email, contacts.phoneNumber, exceptId],
    );
    return row?.taken ?? null;
  }
}
