import type { TenantTx } from '@libs/persistence';

import { isPublished } from './arriving-people.read-model';

/** SQL: that a wallet of the owner `row` has the address, or gets it by a file, be that published or not yet. */
export const isInUse = (row: string): string => `EXISTS (
  SELECT FROM receivers.receiver_wallets w
   WHERE w.tenant_id = ${row}.tenant_id AND w.receiver_id = ${row}.receiver_id
     AND (w.stellar_address = ${row}.stellar_address OR EXISTS (
       SELECT FROM receivers.arriving_addresses a
        WHERE a.tenant_id = w.tenant_id AND a.receiver_wallet_id = w.id AND a.stellar_address = ${row}.stellar_address)))`;

/** Whose an address is: one receiver's, who may use it at several wallet providers. */
export class AddressOwners {
  /** Claims the address for the receiver. False: it is somebody else's. Until the commit nobody lets it go. */
  async claim(tx: TenantTx, address: string, receiverId: string): Promise<boolean> {
    // Nothing is changed of one that is claimed: it is locked, or added anew where somebody was just letting it go.
    const owner = await tx.queryOne<{ readonly receiver_id: string }>(
      `INSERT INTO receivers.address_owners AS o (tenant_id, stellar_address, receiver_id) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, stellar_address) DO UPDATE SET receiver_id = o.receiver_id RETURNING receiver_id`,
      [tx.tenantId, address, receiverId],
    );
    return owner?.receiver_id === receiverId;
  }

  /**
   * Addresses that none of the person's wallets uses any more are free for others. Those that a file brought
   * stay, be it published or not yet, until its wallets are registered.
   */
  async letGo(tx: TenantTx, receiverId: string): Promise<void> {
    await this.letGoUnused(tx, 'o.receiver_id = $2', receiverId);
  }

  /** The same for addresses of anybody. */
  async letGoAddresses(tx: TenantTx, addresses: readonly string[]): Promise<void> {
    await this.letGoUnused(tx, 'o.stellar_address = ANY($2)', addresses);
  }

  private async letGoUnused(tx: TenantTx, which: string, value: string | readonly string[]): Promise<void> {
    // Whoever has claimed one of them at another wallet is waited for, and seen by the next statement.
    await tx.execute(
      `SELECT FROM receivers.address_owners o WHERE o.tenant_id = $1 AND ${which} ORDER BY o.stellar_address FOR UPDATE`,
      [tx.tenantId, value],
    );
    await tx.execute(
      `DELETE FROM receivers.address_owners o
        WHERE o.tenant_id = $1 AND ${which} AND ${isPublished('o')} AND NOT ${isInUse('o')}`,
      [tx.tenantId, value],
    );
  }
}
