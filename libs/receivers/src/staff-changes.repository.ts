import type { TenantTx } from '@libs/persistence';

/**
 * Who of the staff changed the address, a contact or a verification value of a person: whoever approves a payment to that person has
 * to know, as it may go elsewhere since.
 */
export class StaffChanges {
  /** `userId`: for an API key, who made it. By the clock, as the database transaction may have waited for a file to be published. */
  async note(tx: TenantTx, receiverId: string, userId: string): Promise<void> {
    await tx.execute(
      `INSERT INTO receivers.staff_changes (tenant_id, receiver_id, changed_by, changed_at)
       VALUES ($1, $2, $3, clock_timestamp())
       ON CONFLICT (tenant_id, receiver_id, changed_by) DO UPDATE SET changed_at = excluded.changed_at`,
      [tx.tenantId, receiverId, userId],
    );
  }
}
