import { receiverWalletMachine } from '@libs/domain';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { AddressOwners } from './address-owners.repository';
import { isOfPublished } from './arriving-people.read-model';
import { type ContactRange, inRange, PUBLISH_TABLE } from './publish-table';

const TABLE = 'receivers.arriving_addresses';
const PUBLICATIONS = 'receivers.address_publications';
/** Bounded, so that no lock lasts: some 60 ms of work, as each registration writes an entry into every index of the wallets. */
const ROWS_AT_ONCE = 500;

interface ArrivingRow {
  readonly receiver_wallet_id: string;
  readonly stellar_address: string;
}

/**
 * Addresses that a file brings for receiver wallets that have none. They are written beside the wallets, some at a time, and are
 * those of the people from the commit on that publishes their upload, without a wallet being touched for it. Afterwards the wallets
 * are registered with them, some at a time too, by the process that uploaded or by the clock; and whoever pays to or
 * changes a wallet, or releases the payments of the file, has it registered first.
 *
 * None ever replaces another: a file with another address than is stored, or than an earlier file brings, is refused. Until it is
 * registered a wallet can be paid at no address, so who reads it as it is takes no wrong one.
 */
export class ArrivingAddresses {
  private readonly owners = new AddressOwners();

  /** How many files with addresses the organisation has published, for `countPublication`. */
  async publications(tx: TenantTx): Promise<bigint> {
    const row = await tx.queryOne<{ files: bigint }>(
      `SELECT files FROM ${PUBLICATIONS} WHERE tenant_id = $1`,
      [tx.tenantId],
    );
    return row?.files ?? 0n;
  }

  /**
   * Counts one more; until the commit no other is published. False: one was since there were `known`, so what it brought has to be
   * looked at.
   */
  async countPublication(tx: TenantTx, known: bigint): Promise<boolean> {
    const row = await tx.queryOne<{ files: bigint }>(
      `INSERT INTO ${PUBLICATIONS} AS p (tenant_id, files) VALUES ($1, 1)
       ON CONFLICT (tenant_id) DO UPDATE SET files = p.files + 1 RETURNING files`,
      [tx.tenantId],
    );
    return row?.files === known + 1n;
  }

  /**
   * Writes the addresses of a range that is matched and whose wallets are there. Each is claimed for its person, and as long as it is
   * here its person keeps it; one that somebody else has, or had and let go since, is told by the last look before the publication.
   */
  async arrive(tx: TenantTx, uploadId: string, range: ContactRange): Promise<void> {
    await tx.execute(
      `WITH waiting AS MATERIALIZED (
         SELECT u.receiver_id, u.receiver_wallet_id, u.stellar_address, u.stellar_memo, u.stellar_memo_type
           FROM ${PUBLISH_TABLE} u
           CROSS JOIN LATERAL (SELECT FROM receivers.receiver_wallets w
                                WHERE w.tenant_id = $1 AND w.id = u.receiver_wallet_id AND w.stellar_address IS NULL LIMIT 1) w
          WHERE ${inRange(2)}),
       claimed AS (
         INSERT INTO receivers.address_owners AS o (tenant_id, stellar_address, receiver_id, brought_by)
         SELECT $1, stellar_address, receiver_id, $4 FROM waiting ORDER BY stellar_address
         ON CONFLICT (tenant_id, stellar_address) DO UPDATE SET receiver_id = o.receiver_id)
       INSERT INTO ${TABLE} (tenant_id, upload_id, receiver_wallet_id, stellar_address, stellar_memo, stellar_memo_type)
       SELECT $1, $4, receiver_wallet_id, stellar_address, stellar_memo, stellar_memo_type FROM waiting`,
      [tx.tenantId, range.after, range.upTo, uploadId],
    );
  }

  /**
   * *register*: those of the wallets for which published files brought an address. Who is registered or flagged already stays as they
   * are. To be called before any of them is locked: each is locked here in one order, so that two who fold the same wallets
   * wait for each other, and who comes second finds it done.
   */
  async fold(tx: TenantTx, walletIds: readonly string[]): Promise<void> {
    const locked = await tx.query<{ id: string }>(
      `SELECT w.id FROM (SELECT unnest($2::uuid[]) AS id ORDER BY 1) one
        CROSS JOIN LATERAL (SELECT FROM ${TABLE} a
                             WHERE a.tenant_id = $1 AND a.receiver_wallet_id = one.id AND ${isOfPublished('a')} LIMIT 1) arrived
        CROSS JOIN LATERAL (SELECT id FROM receivers.receiver_wallets
                             WHERE tenant_id = $1 AND id = one.id FOR NO KEY UPDATE) w`,
      [tx.tenantId, walletIds],
    );
    if (locked.length === 0) return;
    const ids = locked.map(({ id }) => id);
    // Whoever had one of them locked may have registered and unregistered it: then nothing of it waits any more.
    // Of several files all have the same address, and the same memo or none: without it the money would be another person's. A table that
    // has just grown is taken for a small one: only for an array that it does not know PostgreSQL goes by the ids.
    await tx.execute(
      `UPDATE receivers.receiver_wallets w
          SET status = $3, updated_at = now(), (stellar_address, stellar_memo, stellar_memo_type, status_history) = (
            SELECT a.stellar_address, a.stellar_memo, a.stellar_memo_type, w.status_history || history_entry($3, coalesce((
                     SELECT j.started_by FROM disbursements.upload_jobs j WHERE j.tenant_id = $1 AND j.id = a.upload_id), $4), '')
              FROM ${TABLE} a WHERE a.tenant_id = $1 AND a.receiver_wallet_id = w.id AND ${isOfPublished('a')}
             ORDER BY a.stellar_memo IS NULL, a.upload_id LIMIT 1)
        WHERE w.tenant_id = $1 AND w.id = ANY(ARRAY(SELECT unnest($2::uuid[]))) AND ${ofNamedRows('w.status = ANY($5)')}
          AND EXISTS (SELECT FROM ${TABLE} a WHERE a.tenant_id = $1 AND a.receiver_wallet_id = w.id AND ${isOfPublished('a')})`,
      [
        ...[tx.tenantId, ids, receiverWalletMachine.targetOf('register')],
        ...[tx.actor, receiverWalletMachine.sourcesOf('register')],
      ],
    );
    await tx.execute(
      `DELETE FROM ${TABLE} a
        WHERE a.tenant_id = $1 AND a.receiver_wallet_id = ANY(ARRAY(SELECT unnest($2::uuid[]))) AND ${isOfPublished('a')}`,
      [tx.tenantId, ids],
    );
  }

  /** The same for all wallets of a person. */
  async foldOf(tx: TenantTx, receiverId: string): Promise<void> {
    const wallets = await tx.query<{ id: string }>(
      `SELECT id FROM receivers.receiver_wallets WHERE tenant_id = $1 AND receiver_id = $2`,
      [tx.tenantId, receiverId],
    );
    await this.fold(
      tx,
      wallets.map(({ id }) => id),
    );
  }

  /** Folds some of a published upload. The last of them; null when none is left. */
  async foldSome(tx: TenantTx, uploadId: string, after: string): Promise<string | null> {
    const walletIds = (await this.some(tx, uploadId, after)).map((row) => row.receiver_wallet_id);
    if (walletIds.length > 0) await this.fold(tx, walletIds);
    return walletIds.at(-1) ?? null;
  }

  /** Takes away some of an upload that is not published. The last of them; null when none is left. */
  async removeSome(tx: TenantTx, uploadId: string, after: string): Promise<string | null> {
    const rows = await this.some(tx, uploadId, after);
    const walletIds = rows.map((row) => row.receiver_wallet_id);
    await tx.execute(
      `DELETE FROM ${TABLE} WHERE tenant_id = $1 AND upload_id = $2 AND receiver_wallet_id = ANY($3)`,
      [tx.tenantId, uploadId, walletIds],
    );
    // Somebody may have left one of them to this file alone meanwhile.
    await this.owners.letGoAddresses(
      tx,
      rows.map((row) => row.stellar_address),
    );
    return walletIds.at(-1) ?? null;
  }

  /** The next ones of an upload behind a wallet, in the order of their ids. */
  private async some(tx: TenantTx, uploadId: string, after: string): Promise<readonly ArrivingRow[]> {
    return await tx.query<Record<keyof ArrivingRow, unknown> & ArrivingRow>(
      `SELECT receiver_wallet_id, stellar_address FROM ${TABLE}
        WHERE tenant_id = $1 AND upload_id = $2 AND receiver_wallet_id > $3
        ORDER BY receiver_wallet_id LIMIT ${String(ROWS_AT_ONCE)}`,
      [tx.tenantId, uploadId, after],
    );
  }
}
