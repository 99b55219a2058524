import type { VerificationField } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

import { isOfPublished, PUBLICATION } from './arriving-people.read-model';
import { type ContactRange, EVERYBODY, inRange, PUBLISH_TABLE } from './publish-table';
import { BOUND_IN_SQL } from './verification-value';

const TABLE = 'receivers.arriving_verifications';
/** Bounded, so that no lock lasts: some 50 ms of work. */
const ROWS_AT_ONCE = 1_000;

/** Whose values a file brings. */
interface Bringing {
  readonly uploadId: string;
  readonly field: VerificationField;
  readonly range: ContactRange;
}

/**
 * Those of the range (from $2 on) to whom the file says something else of field $4 than counts, or would count once another
 * upload than $5 is published: whichever comes last has to be told by a row of its own then.
 */
const OTHERS = `
  SELECT u.place, u.receiver_id, u.bound
    FROM (SELECT u.ctid AS place, u.receiver_id, ${BOUND_IN_SQL} AS bound FROM ${PUBLISH_TABLE} u
           WHERE u.known AND NOT u.differs AND ${inRange(2)}) u
    CROSS JOIN LATERAL (SELECT value_hmac FROM receivers.verifications
                         WHERE tenant_id = $1 AND receiver_id = u.receiver_id AND verification_field = $4 LIMIT 1) w
   WHERE w.value_hmac <> u.bound
      OR EXISTS (SELECT FROM ${TABLE} a WHERE a.tenant_id = $1 AND a.receiver_id = u.receiver_id
                    AND a.verification_field = $4 AND a.upload_id <> $5)`;

/**
 * Verification values by which a file replaces those of people who are known. They are written beside the values that count,
 * some at a time, and count from the commit on that publishes their upload, without a row being touched for it. Afterwards they
 * are folded into `receivers.verifications`, some at a time too, by the process that uploaded or by the clock; and whoever
 * is about to read or change values of one person folds those of that person first, so nobody has to choose between two.
 */
export class ArrivingValues {
  /** Writes the values of a range that is matched. Nobody waits for them: they are rows of this upload alone. */
  async arrive(tx: TenantTx, { uploadId, field, range }: Bringing): Promise<void> {
    await this.bindKnown(tx, field, range);
    await tx.execute(
      `WITH others AS MATERIALIZED (${OTHERS}),
       written AS (
         INSERT INTO ${TABLE} (tenant_id, upload_id, receiver_id, verification_field, value_hmac)
         SELECT $1, $5, receiver_id, $4, bound FROM others)
       UPDATE ${PUBLISH_TABLE} row SET differs = true FROM others WHERE row.ctid = others.place`,
      [tx.tenantId, range.after, range.upTo, field, uploadId],
    );
  }

  /** The same for what others changed since, in the database transaction that publishes: nearly always nothing, found by reading alone. */
  async arriveLate(tx: TenantTx, bringing: Omit<Bringing, 'range'>): Promise<void> {
    const { uploadId, field } = bringing;
    const late = await tx.queryOne(`SELECT FROM (${OTHERS}) others LIMIT 1`, [
      ...[tx.tenantId, EVERYBODY.after, EVERYBODY.upTo],
      ...[field, uploadId],
    ]);
    if (late !== null) await this.arrive(tx, { ...bringing, range: EVERYBODY });
  }

  /**
   * Makes what published uploads said of these people the values that count, where nobody has confirmed one meanwhile. To be
   * called before any value of theirs is locked: each of them is locked here in one order, so that two who fold the same
   * people wait for each other, and who comes second finds it done.
   */
  async fold(tx: TenantTx, receiverIds: readonly string[]): Promise<void> {
    const locked = await tx.query(
      `SELECT w.receiver_id FROM (SELECT unnest($2::uuid[]) AS receiver_id ORDER BY 1) one
        CROSS JOIN LATERAL (SELECT FROM ${TABLE} a
                             WHERE a.tenant_id = $1 AND a.receiver_id = one.receiver_id AND ${isOfPublished('a')} LIMIT 1) arrived
        CROSS JOIN LATERAL (SELECT receiver_id FROM receivers.verifications
                             WHERE tenant_id = $1 AND receiver_id = one.receiver_id
                             ORDER BY verification_field FOR NO KEY UPDATE) w`,
      [tx.tenantId, receiverIds],
    );
    if (locked.length === 0) return;
    await tx.execute(
      `WITH gone AS (
         DELETE FROM ${TABLE} a WHERE a.tenant_id = $1 AND a.receiver_id = ANY($2) AND ${isOfPublished('a')}
         RETURNING a.tenant_id, a.upload_id, a.receiver_id, a.verification_field, a.value_hmac),
       newest AS (
         SELECT DISTINCT ON (a.receiver_id, a.verification_field) a.receiver_id, a.verification_field, a.value_hmac, p.published_at
           FROM gone a CROSS JOIN LATERAL ${PUBLICATION} p
          ORDER BY a.receiver_id, a.verification_field, p.published_at DESC, a.upload_id DESC)
       UPDATE receivers.verifications v
          SET value_hmac = newest.value_hmac, bound_to = 'RECEIVER', attempts = 0, updated_at = newest.published_at
         FROM newest
        WHERE v.tenant_id = $1 AND v.receiver_id = ANY($2) AND v.receiver_id = newest.receiver_id
          AND v.verification_field = newest.verification_field
          AND v.confirmed_at IS NULL AND v.value_hmac <> newest.value_hmac`,
      [tx.tenantId, receiverIds],
    );
  }

  /** Folds some of a published upload. The last of them; null when nobody is left. */
  async foldSome(tx: TenantTx, uploadId: string, after: string): Promise<string | null> {
    const receiverIds = await this.some(tx, uploadId, after);
    if (receiverIds.length > 0) await this.fold(tx, receiverIds);
    return receiverIds.at(-1) ?? null;
  }

  /** Takes away some of an upload that is not published. The last of them; null when none is left. */
  async removeSome(tx: TenantTx, uploadId: string, after: string): Promise<string | null> {
    const receiverIds = await this.some(tx, uploadId, after);
    await tx.execute(
      `DELETE FROM ${TABLE} WHERE tenant_id = $1 AND upload_id = $2 AND receiver_id = ANY($3)`,
      [tx.tenantId, uploadId, receiverIds],
    );
    return receiverIds.at(-1) ?? null;
  }

  /** Whose values an upload brings: the next people behind one, in the order of their ids. */
  private async some(tx: TenantTx, uploadId: string, after: string): Promise<readonly string[]> {
    const rows = await tx.query<{ receiver_id: string }>(
      `SELECT receiver_id FROM ${TABLE} WHERE tenant_id = $1 AND upload_id = $2 AND receiver_id > $3
        ORDER BY receiver_id LIMIT ${String(ROWS_AT_ONCE)}`,
      [tx.tenantId, uploadId, after],
    );
    return rows.map((row) => row.receiver_id);
  }

  /** The value of before, which was hashed with the contact, is the same one: it is bound to the person, confirmed or not. */
  private async bindKnown(tx: TenantTx, field: VerificationField, range: ContactRange): Promise<void> {
    await tx.execute(
      `UPDATE receivers.verifications v SET value_hmac = chosen.bound, bound_to = 'RECEIVER'
         FROM (SELECT stored.place, u.bound
                 FROM (SELECT u.receiver_id, u.contact_hmac, ${BOUND_IN_SQL} AS bound FROM ${PUBLISH_TABLE} u
                        WHERE u.known AND u.contact_hmac IS NOT NULL AND ${inRange(2)} ORDER BY u.receiver_id) u
                 CROSS JOIN LATERAL (SELECT w.ctid AS place FROM receivers.verifications w
                                      WHERE w.tenant_id = $1 AND w.receiver_id = u.receiver_id AND w.verification_field = $4
                                        AND w.bound_to = 'CONTACT' AND w.value_hmac = u.contact_hmac
                                        FOR NO KEY UPDATE) stored) chosen
        WHERE v.tenant_id = $1 AND v.ctid = chosen.place`,
      [tx.tenantId, range.after, range.upTo, field],
    );
  }
}
