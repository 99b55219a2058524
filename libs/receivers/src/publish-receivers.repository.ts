import type { VerificationField } from '@libs/contracts';
import { receiverWalletMachine } from '@libs/domain';
import { invariant } from '@libs/kernel';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { ArrivingAddresses } from './arriving-addresses.repository';
import { isOfPublished } from './arriving-people.read-model';
import { ArrivingValues } from './arriving-values.repository';
import { ContactChanges } from './contact-changes.repository';
import { type ContactRange, EVERYBODY, inRange, PUBLISH_TABLE } from './publish-table';
import { BOUND_IN_SQL } from './verification-value';

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
  | { readonly kind: 'address' | 'memo'; readonly line: number; readonly receiverId: string }
  | { readonly kind: 'contact'; readonly line: number; readonly contact: string }
  | { readonly kind: 'address_taken'; readonly line: number; readonly address: string };

interface Conflict {
  readonly line: number;
  readonly contact: string;
  readonly external_id: string;
  readonly receiver_id: string;
  readonly stellar_address: string;
}

/** One upload while its people arrive. */
export interface Arrival {
  readonly uploadId: string;
  /** Other uploads that brought people and are not published: theirs are not shown, and may be swept. To be asked anew each time. */
  readonly others: (tx: TenantTx) => Promise<readonly string[]>;
}

/** Each try is against others that write the same people at the same moment. */
const TRIES_MAX = 5;

/**
 * Publishes the people of a copied file with set-based SQL: `match`, then `conflict`, then `arrive` for all of them, at
 * once or range by range in database transactions of their own, then `change` and `inviteAgain`.
 *
 * `arrive` adds what is not there, writes other values and new addresses beside those that count, and changes nothing that somebody
 * sees. All of it counts once `change` finds nothing against it in the database transaction that publishes the payments. Rows are written in the order of their keys, so that two files
 * with the same people wait for each other instead of locking each other up.
 *
 * The stored rows are looked up one by one through their keys (LATERAL, and by their place where they are updated): the
 * tables grow by a million rows in a minute, so what PostgreSQL guesses of their size may be far from it, and a join that
 * was chosen for ten rows never ends with a million.
 */
export class PublishReceivers {
  /** What the file says of people who have another value. */
  readonly values = new ArrivingValues();
  /** What the file says of people who have no address yet. */
  readonly addresses = new ArrivingAddresses();
  private readonly contactChanges = new ContactChanges();

  /** Whether `contact_hmac` is needed: values are there that were hashed with a contact. */
  async asksForContactHmac(tx: TenantTx, field: VerificationField): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM receivers.verifications
        WHERE tenant_id = $1 AND verification_field = $2 AND bound_to = 'CONTACT' LIMIT 1`,
      [tx.tenantId, field],
    );
    return row !== null;
  }

  /** Those of the numbers that somebody is known by. */
  async knownNumbers(tx: TenantTx, numbers: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    if (numbers.size === 0) return new Set();
    const rows = await tx.query<{ phone_number: string }>(
      'SELECT phone_number FROM receivers.receivers WHERE tenant_id = $1 AND phone_number = ANY($2)',
      [tx.tenantId, [...numbers]],
    );
    return new Set(rows.map((row) => row.phone_number));
  }

  /** People are matched by their contact; who is known keeps the stored ids. */
  async match(
    tx: TenantTx,
    { contact, walletId }: Pick<PublishWay, 'contact' | 'walletId'>,
    range: ContactRange = EVERYBODY,
  ): Promise<void> {
    await tx.execute(
      `UPDATE ${PUBLISH_TABLE} row
          SET known = true, receiver_id = found.receiver_id, has_wallet = found.wallet_id IS NOT NULL,
              receiver_wallet_id = coalesce(found.wallet_id, row.receiver_wallet_id)
         FROM (SELECT u.ctid AS place, r.id AS receiver_id,
                      (SELECT w.id FROM receivers.receiver_wallets w
                        WHERE w.tenant_id = $1 AND w.receiver_id = r.id AND w.wallet_id = $2) AS wallet_id
                 FROM ${PUBLISH_TABLE} u
                 CROSS JOIN LATERAL (SELECT id FROM receivers.receivers
                                      WHERE tenant_id = $1 AND ${contact} = u.contact LIMIT 1) r
                WHERE ${inRange(3)}) found
        WHERE row.ctid = found.place`,
      [tx.tenantId, walletId, range.after, range.upTo],
    );
  }

  /** Why the people of the matched file cannot be published; null when they can. */
  async conflict(
    tx: TenantTx,
    way: PublishWay,
    among: 'known' | 'differs' = 'known',
  ): Promise<PublishConflict | null> {
    const mismatch = await this.confirmedOtherwise(tx, way, among);
    if (mismatch !== null || !way.knownAddresses) return mismatch;
    return await this.addressConflict(tx, among);
  }

  /** Adds the people of a range, their receiver wallets and verification values, where they are not there. */
  async arrive(tx: TenantTx, way: PublishWay, arrival: Arrival, range: ContactRange): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await this.shareThoseOfOthers(tx, arrival, range);
      if ((await this.receivers(tx, way, arrival, range)) && (await this.wallets(tx, way, arrival, range)))
        break;
      invariant(tries < TRIES_MAX, 'the people of a file were written by others again and again');
      await this.match(tx, way, range);
    }
    const place = [tx.tenantId, range.after, range.upTo, arrival.uploadId];
    if (way.verificationField !== null) {
      await tx.execute(
        `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to, brought_by)
         SELECT $1, u.receiver_id, $5, ${BOUND_IN_SQL}, 'RECEIVER', $4 FROM ${PUBLISH_TABLE} u
          WHERE ${inRange(2)} ORDER BY u.contact
         ON CONFLICT (tenant_id, receiver_id, verification_field) DO NOTHING`,
        [...place, way.verificationField],
      );
      await this.values.arrive(tx, { uploadId: arrival.uploadId, field: way.verificationField, range });
    }
    if (way.knownAddresses) await this.addresses.arrive(tx, arrival.uploadId, range);
  }

  /**
   * The last look before the publication. Not null: somebody confirmed or claimed
   * something since `conflict` looked, or has another contact, and the database transaction must not commit. `matchedAt`: by the clock of the
   * database, not behind the moment in which the people were found.
   */
  async change(
    tx: TenantTx,
    way: PublishWay,
    { uploadId, matchedAt }: { readonly uploadId: string; readonly matchedAt: string },
  ): Promise<PublishConflict | null> {
    // No row is locked while all of them are looked at.
    if (way.verificationField !== null)
      await this.values.arriveLate(tx, { uploadId, field: way.verificationField });
    const known = way.knownAddresses ? await this.addresses.publications(tx) : 0n;
    let conflict = await this.conflict(tx, way, 'differs');
    // Of two files that differ only one is published: who comes second looks again.
    if (conflict === null && way.knownAddresses && !(await this.addresses.countPublication(tx, known)))
      conflict = await this.conflict(tx, way, 'differs');
    if (conflict !== null) return conflict;
    // Last of all, as everybody waits who changes a contact of anybody.
    const moved = await this.contactChanges.lockForPublication(tx, way.contact, matchedAt);
    return moved === null ? null : { kind: 'contact', ...moved };
  }

  /** Who was invited but did not come is told of the new payment too. */
  async inviteAgain(tx: TenantTx, range: ContactRange): Promise<void> {
    await tx.execute(
      `UPDATE receivers.receiver_wallets w SET invitation_sent_at = NULL, updated_at = now()
         FROM (SELECT w.ctid AS place FROM receivers.receiver_wallets w
                WHERE w.tenant_id = $1 AND ${ofNamedRows("w.status = 'READY'")} AND w.invitation_sent_at IS NOT NULL
                  AND w.id = ANY(ARRAY(SELECT u.receiver_wallet_id FROM ${PUBLISH_TABLE} u WHERE u.has_wallet AND ${inRange(2)}))
                ORDER BY w.id FOR NO KEY UPDATE) chosen
        WHERE w.tenant_id = $1 AND w.ctid = chosen.place`,
      [tx.tenantId, range.after, range.upTo],
    );
  }

  /** The same for wallets by their ids, after the file's table is gone: those invited before the publication. */
  async inviteWalletsAgain(tx: TenantTx, walletIds: readonly string[], publishedAt: Date): Promise<void> {
    await tx.execute(
      `UPDATE receivers.receiver_wallets w SET invitation_sent_at = NULL, updated_at = now()
         FROM (SELECT id FROM receivers.receiver_wallets
                WHERE tenant_id = $1 AND id = ANY($2) AND ${ofNamedRows("status = 'READY'")} AND invitation_sent_at < $3
                ORDER BY id FOR NO KEY UPDATE) chosen
        WHERE w.tenant_id = $1 AND w.id = chosen.id`,
      [tx.tenantId, walletIds, publishedAt],
    );
  }

  /**
   * Rows of an upload that is not published are shared with it: they stay when that one is swept, and are shown as soon as
   * either is published. What was swept already is added again.
   */
  private async shareThoseOfOthers(tx: TenantTx, arrival: Arrival, range: ContactRange): Promise<void> {
    const others = await arrival.others(tx);
    if (others.length === 0) return;
    const bounds = [range.after, range.upTo];
    for (const [table, id, named] of [
      ['receivers', 'id', 'receiver_id'],
      ['receiver_wallets', 'id', 'receiver_wallet_id'],
      ['verifications', 'receiver_id', 'receiver_id'],
      ['address_owners', 'receiver_id', 'receiver_id'],
    ] as const) {
      await tx.execute(
        `UPDATE receivers.${table} SET shared_with = coalesce(shared_with, '{}') || $5::uuid
          WHERE tenant_id = $1 AND brought_by = ANY($4) AND ($5 = ANY(shared_with)) IS NOT TRUE
            AND ${id} = ANY(ARRAY(SELECT u.${named} FROM ${PUBLISH_TABLE} u WHERE u.known AND ${inRange(2)}))`,
        [tx.tenantId, ...bounds, others, arrival.uploadId],
      );
    }
    await tx.execute(
      `UPDATE ${PUBLISH_TABLE} u
          SET known = EXISTS (SELECT FROM receivers.receivers r WHERE r.tenant_id = $1 AND r.id = u.receiver_id),
              has_wallet = EXISTS (SELECT FROM receivers.receiver_wallets w WHERE w.tenant_id = $1 AND w.id = u.receiver_wallet_id)
        WHERE u.known AND ${inRange(2)}`,
      [tx.tenantId, ...bounds],
    );
  }

  /** False: some of them are there meanwhile, under other ids. */
  private async receivers(
    tx: TenantTx,
    { contact }: PublishWay,
    { uploadId }: Arrival,
    range: ContactRange,
  ): Promise<boolean> {
    const wanted = await this.count(tx, 'NOT u.known', range);
    if (wanted === 0) return true;
    const added = await tx.execute(
      `INSERT INTO receivers.receivers (tenant_id, id, ${contact}, external_id, brought_by)
       SELECT $1, u.receiver_id, u.contact, u.external_id, $4 FROM ${PUBLISH_TABLE} u
        WHERE NOT u.known AND ${inRange(2)} ORDER BY u.contact
       ON CONFLICT (tenant_id, ${contact}) DO NOTHING`,
      [tx.tenantId, range.after, range.upTo, uploadId],
    );
    return added === wanted;
  }

  /** False: some of them are there meanwhile, under other ids. */
  private async wallets(
    tx: TenantTx,
    { walletId }: PublishWay,
    { uploadId }: Arrival,
    range: ContactRange,
  ): Promise<boolean> {
    const wanted = await this.count(tx, 'NOT u.has_wallet', range);
    if (wanted === 0) return true;
    const [status = 'DRAFT'] = receiverWalletMachine.initial;
    const added = await tx.execute(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, status_history, brought_by)
       SELECT $1, u.receiver_wallet_id, u.receiver_id, $4, $5, (SELECT history_entry($5, $6, '')), $7
         FROM ${PUBLISH_TABLE} u WHERE NOT u.has_wallet AND ${inRange(2)} ORDER BY u.contact
       ON CONFLICT (tenant_id, receiver_id, wallet_id) DO NOTHING`,
      [tx.tenantId, range.after, range.upTo, walletId, status, tx.actor, uploadId],
    );
    return added === wanted;
  }

  private async count(tx: TenantTx, condition: string, range: ContactRange): Promise<number> {
    const row = await tx.queryOne<{ rows: number }>(
      `SELECT count(*)::integer AS rows FROM ${PUBLISH_TABLE} u WHERE ${condition} AND ${inRange(1)}`,
      [range.after, range.upTo],
    );
    return row?.rows ?? 0;
  }

  /** What somebody confirmed stays, so a file with another value is wrong there. */
  private async confirmedOtherwise(
    tx: TenantTx,
    { verificationField }: PublishWay,
    among: 'known' | 'differs',
  ): Promise<PublishConflict | null> {
    if (verificationField === null) return null;
    const found = await tx.queryOne<Conflict>(
      `SELECT u.line, u.contact, u.external_id FROM ${PUBLISH_TABLE} u
         CROSS JOIN LATERAL (SELECT bound_to, value_hmac FROM receivers.verifications
                              WHERE tenant_id = $1 AND receiver_id = u.receiver_id AND verification_field = $2
                                AND confirmed_at IS NOT NULL LIMIT 1) v
        WHERE u.${among} AND v.value_hmac IS DISTINCT FROM
              CASE v.bound_to WHEN 'CONTACT' THEN u.contact_hmac ELSE ${BOUND_IN_SQL} END
        ORDER BY u.line LIMIT 1`,
      [tx.tenantId, verificationField],
    );
    if (found === null) return null;
    const { line, contact, external_id: externalId } = found;
    return { kind: 'verification', line, contact, externalId };
  }

  private async addressConflict(tx: TenantTx, among: 'known' | 'differs'): Promise<PublishConflict | null> {
    const mayHaveWallet = among === 'known' ? 'u.has_wallet' : 'true';
    // Who had it while this file claimed it may have let it go since: then it is nobody's, and anybody could claim it.
    const isLost =
      among === 'known'
        ? 'false'
        : `o.receiver_id IS NULL AND EXISTS (SELECT FROM receivers.arriving_addresses a
             WHERE a.tenant_id = $1 AND a.receiver_wallet_id = u.receiver_wallet_id AND a.stellar_address = u.stellar_address)`;
    // At the address of a custodian another memo is another person.
    const other = await tx.queryOne<Conflict & { readonly same_address: boolean }>(
      `SELECT u.line, u.receiver_id, w.stellar_address = u.stellar_address AS same_address FROM ${PUBLISH_TABLE} u
         CROSS JOIN LATERAL (SELECT stellar_address, stellar_memo, stellar_memo_type FROM receivers.receiver_wallets
                              WHERE tenant_id = $1 AND id = u.receiver_wallet_id
                             UNION ALL
                             SELECT stellar_address, stellar_memo, stellar_memo_type FROM receivers.arriving_addresses a
                              WHERE tenant_id = $1 AND receiver_wallet_id = u.receiver_wallet_id AND ${isOfPublished('a')}) w
        WHERE ${mayHaveWallet} AND (w.stellar_address <> u.stellar_address
           OR w.stellar_address = u.stellar_address AND u.stellar_memo IS NOT NULL
              AND (w.stellar_memo, w.stellar_memo_type) IS DISTINCT FROM (u.stellar_memo, u.stellar_memo_type))
        ORDER BY u.line LIMIT 1`,
      [tx.tenantId],
    );
    if (other !== null)
      return {
        kind: other.same_address ? 'memo' : 'address',
        line: other.line,
        receiverId: other.receiver_id,
      };
    const taken = await tx.queryOne<Conflict>(
      `SELECT line, stellar_address FROM (
         (SELECT u.line, u.stellar_address FROM ${PUBLISH_TABLE} u
            LEFT JOIN LATERAL (SELECT receiver_id FROM receivers.address_owners
                                WHERE tenant_id = $1 AND stellar_address = u.stellar_address LIMIT 1) o ON true
           WHERE o.receiver_id <> u.receiver_id OR ${isLost} ORDER BY u.line LIMIT 1)
         UNION ALL
         (SELECT again.line, again.stellar_address FROM (
            SELECT u.line, u.stellar_address, row_number() OVER (PARTITION BY u.stellar_address ORDER BY u.line) AS nth
              FROM ${PUBLISH_TABLE} u) again
           WHERE again.nth > 1 ORDER BY again.line LIMIT 1)) AS found
        ORDER BY line LIMIT 1`,
      [tx.tenantId],
    );
    return taken === null
      ? null
      : { kind: 'address_taken', line: taken.line, address: taken.stellar_address };
  }
}
