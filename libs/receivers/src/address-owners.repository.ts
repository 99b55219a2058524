import type { TenantTx } from '@libs/persistence';

import { isPublished } from './arriving-people.read-model';

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
   * Addresses that none of the person's wallets uses any more are free for others. Those that a file brought which is not published yet
   * stay: its publication registers them.
   */
  async letGo(tx: TenantTx, receiverId: string): Promise<void> {
    // Whoever has claimed one of them at another wallet is waited for, and seen by the next statement.
    await tx.execute(
      `SELECT FROM receivers.address_owners WHERE tenant_id = $1 AND receiver_id = $2 ORDER BY stellar_address FOR UPDATE`,
      [tx.tenantId, receiverId],
    );
    await tx.execute(
      `DELETE FROM receivers.address_owners o
        WHERE o.tenant_id = $1 AND o.receiver_id = $2 AND ${isPublished('o')} AND NOT EXISTS (
          SELECT FROM receivers.receiver_wallets w
           WHERE w.tenant_id = $1 AND w.receiver_id = $2 AND w.stellar_address = o.stellar_address)`,
      [tx.tenantId, receiverId],
    );
  }
}
