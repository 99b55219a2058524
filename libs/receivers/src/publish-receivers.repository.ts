import type { VerificationField } from '@libs/contracts';
import { receiverWalletMachine } from '@libs/domain';
import type { TenantTx } from '@libs/persistence';

import { BOUND_IN_SQL } from './verification-value';

/**
 * The TEMP table that a file is copied into, and the columns of it that are read here. Ids are filled in by whoever
 * copies; publishing replaces those of people and receiver wallets that are known already. `value_hmac` is bound to
 * nobody yet; `contact_hmac` is the hash with the row's contact, where older rows ask for it, and null otherwise.
 */
export const PUBLISH_TABLE = 'pg_temp.upload_rows';
export const PUBLISH_COLUMNS = `
  line integer NOT NULL,
  contact text NOT NULL,
  external_id text,
  value_hmac bytea,
  contact_hmac bytea,
  stellar_address text,
  stellar_memo text,
  stellar_memo_type text,
  receiver_id uuid,
  receiver_wallet_id uuid`;

export interface PublishWay {
  /** The column of receivers that the contacts of the file are in. */
  readonly contact: 'phone_number' | 'email';
  readonly walletId: string;
  /** Null: the file brings no verification values. */
  readonly verificationField: VerificationField | null;
  /** The file brings the address of each person. */
  readonly knownAddresses: boolean;
}

/** Why the people of a file cannot be published; the database transaction must not commit then. */
export type PublishConflict =
  | {
      readonly kind: 'verification';
      readonly line: number;
      readonly contact: string;
      readonly externalId: string;
    }
  | { readonly kind: 'address'; readonly line: number; readonly receiverId: string }
  | { readonly kind: 'address_taken'; readonly line: number; readonly address: string };

interface Conflict {
  readonly line: number;
  readonly contact: string;
  readonly external_id: string;
  readonly receiver_id: string;
  readonly stellar_address: string;
}

/**
 * Publishes the people of a copied file with a fixed number of statements, whatever its size.
 *
 * Rows are written in the order of their keys, so that two files with the same people wait for each other instead of
 * locking each other up.
 */
export class PublishReceivers {
  /** Whether `contact_hmac` is needed: values are there that were hashed with a contact. */
  async asksForContactHmac(tx: TenantTx, field: VerificationField): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM receivers.verifications
        WHERE tenant_id = $1 AND verification_field = $2 AND bound_to = 'CONTACT' LIMIT 1`,
      [tx.tenantId, field],
    );
    return row !== null;
  }

  /** Null when everything was written. `PUBLISH_TABLE` then holds the true ids of receivers and receiver wallets. */
  async publish(tx: TenantTx, way: PublishWay): Promise<PublishConflict | null> {
    await this.receivers(tx, way);
    await this.receiverWallets(tx, way);
    return (await this.verifications(tx, way)) ?? (way.knownAddresses ? await this.addresses(tx) : null);
  }

  /** People are matched by their contact; who is known keeps the stored id. */
  private async receivers(tx: TenantTx, { contact }: PublishWay): Promise<void> {
    await tx.execute(
      `INSERT INTO receivers.receivers (tenant_id, id, ${contact}, external_id)
       SELECT $1, u.receiver_id, u.contact, u.external_id FROM ${PUBLISH_TABLE} u
        WHERE NOT EXISTS (SELECT FROM receivers.receivers r WHERE r.tenant_id = $1 AND r.${contact} = u.contact)
        ORDER BY u.contact
       ON CONFLICT (tenant_id, ${contact}) DO NOTHING`,
      [tx.tenantId],
    );
    await tx.execute(
      `UPDATE ${PUBLISH_TABLE} u SET receiver_id = r.id FROM receivers.receivers r
        WHERE r.tenant_id = $1 AND r.${contact} = u.contact AND r.id <> u.receiver_id`,
      [tx.tenantId],
    );
  }

  private async receiverWallets(tx: TenantTx, { walletId }: PublishWay): Promise<void> {
    const [status = 'DRAFT'] = receiverWalletMachine.initial;
    await tx.execute(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, status_history)
       SELECT $1, u.receiver_wallet_id, u.receiver_id, $2, $3, (SELECT history_entry($3, $4, ''))
         FROM ${PUBLISH_TABLE} u
        WHERE NOT EXISTS (SELECT FROM receivers.receiver_wallets w
                           WHERE w.tenant_id = $1 AND w.receiver_id = u.receiver_id AND w.wallet_id = $2)
        ORDER BY u.receiver_id
       ON CONFLICT (tenant_id, receiver_id, wallet_id) DO NOTHING`,
      [tx.tenantId, walletId, status, tx.actor],
    );
    const known = await tx.execute(
      `UPDATE ${PUBLISH_TABLE} u SET receiver_wallet_id = w.id FROM receivers.receiver_wallets w
        WHERE w.tenant_id = $1 AND w.receiver_id = u.receiver_id AND w.wallet_id = $2 AND w.id <> u.receiver_wallet_id`,
      [tx.tenantId, walletId],
    );
    if (known > 0) await this.inviteAgain(tx);
  }

  /** Who was invited but did not come is told of the new payment too. */
  private async inviteAgain(tx: TenantTx): Promise<void> {
    await tx.execute(
      `UPDATE receivers.receiver_wallets w SET invitation_sent_at = NULL, updated_at = now()
         FROM (SELECT w.id FROM receivers.receiver_wallets w JOIN ${PUBLISH_TABLE} u ON u.receiver_wallet_id = w.id
                WHERE w.tenant_id = $1 AND w.status = 'READY' AND w.invitation_sent_at IS NOT NULL
                ORDER BY w.id FOR NO KEY UPDATE OF w) chosen
        WHERE w.tenant_id = $1 AND w.id = chosen.id`,
      [tx.tenantId],
    );
  }

  /** A value that the person has not confirmed is replaced; what they confirmed stays, so the file is wrong there. */
  private async verifications(
    tx: TenantTx,
    { verificationField }: PublishWay,
  ): Promise<PublishConflict | null> {
    if (verificationField === null) return null;
    const place = [tx.tenantId, verificationField];
    await tx.execute(
      `UPDATE receivers.verifications v SET value_hmac = ${BOUND_IN_SQL}, bound_to = 'RECEIVER', updated_at = now()
         FROM ${PUBLISH_TABLE} u
        WHERE v.tenant_id = $1 AND v.receiver_id = u.receiver_id AND v.verification_field = $2
          AND v.bound_to = 'CONTACT' AND v.value_hmac = u.contact_hmac`,
      place,
    );
    await tx.execute(
      `INSERT INTO receivers.verifications AS v (tenant_id, receiver_id, verification_field, value_hmac, bound_to)
       SELECT $1, u.receiver_id, $2, ${BOUND_IN_SQL}, 'RECEIVER' FROM ${PUBLISH_TABLE} u ORDER BY u.receiver_id
       ON CONFLICT (tenant_id, receiver_id, verification_field)
       DO UPDATE SET value_hmac = excluded.value_hmac, bound_to = 'RECEIVER', attempts = 0, updated_at = now()
        WHERE v.confirmed_at IS NULL AND v.value_hmac <> excluded.value_hmac`,
      place,
    );
    const conflict = await tx.queryOne<Conflict>(
      `SELECT u.line, u.contact, u.external_id FROM ${PUBLISH_TABLE} u
         JOIN receivers.verifications v
           ON v.tenant_id = $1 AND v.receiver_id = u.receiver_id AND v.verification_field = $2
        WHERE v.value_hmac <> ${BOUND_IN_SQL} ORDER BY u.line LIMIT 1`,
      place,
    );
    if (conflict === null) return null;
    const { line, contact, external_id: externalId } = conflict;
    return { kind: 'verification', line, contact, externalId };
  }

  /** The file brought the address: *register*. Who is registered or flagged already stays as they are. */
  private async addresses(tx: TenantTx): Promise<PublishConflict | null> {
    const other = await tx.queryOne<Conflict>(
      `SELECT u.line, u.receiver_id FROM ${PUBLISH_TABLE} u
         JOIN receivers.receiver_wallets w ON w.tenant_id = $1 AND w.id = u.receiver_wallet_id
        WHERE w.stellar_address <> u.stellar_address ORDER BY u.line LIMIT 1`,
      [tx.tenantId],
    );
    if (other !== null) return { kind: 'address', line: other.line, receiverId: other.receiver_id };
    await tx.execute(
      `INSERT INTO receivers.address_owners (tenant_id, stellar_address, receiver_id)
       SELECT $1, u.stellar_address, u.receiver_id FROM ${PUBLISH_TABLE} u ORDER BY u.stellar_address, u.line
       ON CONFLICT (tenant_id, stellar_address) DO NOTHING`,
      [tx.tenantId],
    );
    const taken = await tx.queryOne<Conflict>(
      `SELECT u.line, u.stellar_address FROM ${PUBLISH_TABLE} u
         JOIN receivers.address_owners o ON o.tenant_id = $1 AND o.stellar_address = u.stellar_address
        WHERE o.receiver_id <> u.receiver_id ORDER BY u.line LIMIT 1`,
      [tx.tenantId],
    );
    if (taken !== null) return { kind: 'address_taken', line: taken.line, address: taken.stellar_address };
    await this.register(tx);
    return null;
  }

  private async register(tx: TenantTx): Promise<void> {
    const target = receiverWalletMachine.targetOf('register');
    await tx.execute(
      `UPDATE receivers.receiver_wallets w
          SET status = $2, stellar_address = chosen.stellar_address, stellar_memo = chosen.stellar_memo,
              stellar_memo_type = chosen.stellar_memo_type, updated_at = now(),
              status_history = w.status_history || history_entry($2, $3, '')
         FROM (SELECT w.id, u.stellar_address, u.stellar_memo, u.stellar_memo_type
                 FROM receivers.receiver_wallets w JOIN ${PUBLISH_TABLE} u ON u.receiver_wallet_id = w.id
                WHERE w.tenant_id = $1 AND w.status = ANY($4) ORDER BY w.id FOR NO KEY UPDATE OF w) chosen
        WHERE w.tenant_id = $1 AND w.id = chosen.id`,
      [tx.tenantId, target, tx.actor, receiverWalletMachine.sourcesOf('register')],
    );
  }
}
