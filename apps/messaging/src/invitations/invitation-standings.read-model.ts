import { receiverWalletMachine } from '@libs/domain';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

/** What has become of written invitations meanwhile; those that may go as they are appear in neither. */
export interface InvitationStandings {
  /** Their disbursement is paused. */
  readonly paused: readonly string[];
  /** Flagged, or their payments have not followed a resumed disbursement yet: this may change. */
  readonly waiting: readonly string[];
  /** Cancelled, paid or registered: nobody waits for them any more. */
  readonly over: readonly string[];
}

/** Looks again at invitations in the database transaction that takes them, since a pause may have come in between. */
export class InvitationStandingsReadModel {
  async of(tx: TenantTx, messageIds: readonly string[]): Promise<InvitationStandings> {
    const rows = await tx.query<{ id: string; standing: keyof InvitationStandings }>(
      `SELECT m.id, CASE WHEN rw.status <> ALL($3) OR payments.open IS NULL THEN 'over'
                         WHEN payments.paused THEN 'paused' ELSE 'waiting' END AS standing
         FROM messages.messages m
         JOIN receivers.receiver_wallets rw ON rw.tenant_id = m.tenant_id AND rw.id = m.receiver_wallet_id
        CROSS JOIN LATERAL (
          SELECT bool_or(true) AS open, bool_or(d.status = 'PAUSED') AS paused,
                 bool_or(p.status = 'READY' AND (p.disbursement_id IS NULL OR d.status = 'STARTED')) AS ready
            FROM disbursements.payments p
            LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
           WHERE p.tenant_id = rw.tenant_id AND p.receiver_wallet_id = rw.id AND ${ofNamedRows("p.status IN ('DRAFT', 'READY', 'PAUSED')")}
             AND p.disbursement_id IS NOT DISTINCT FROM m.disbursement_id) AS payments
        WHERE m.tenant_id = $1 AND m.id = ANY($2::uuid[]) AND m.kind = 'invitation'
          AND NOT (rw.status = 'READY' AND coalesce(payments.ready, false))`,
      [tx.tenantId, messageIds, receiverWalletMachine.states.filter((state) => state !== 'REGISTERED')],
    );
    const those = (standing: keyof InvitationStandings): readonly string[] =>
      rows.filter((row) => row.standing === standing).map(({ id }) => id);
    return { paused: those('paused'), waiting: those('waiting'), over: those('over') };
  }
}
