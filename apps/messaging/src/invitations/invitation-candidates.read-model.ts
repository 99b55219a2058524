import { NOT_WANTED, UNREADABLE } from '@libs/messages';
import { LOWEST_ID } from '@libs/kernel';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

/** One receiver wallet and one disbursement (or its direct payments) that it may be invited for. */
export interface InvitationCandidate {
  readonly receiver_wallet_id: string;
  readonly receiver_id: string;
  readonly phone_number: string | null;
  readonly email: string | null;
  readonly wallet_id: string;
  readonly deep_link_schema: string;
  readonly disbursement_id: string | null;
  readonly template: string;
  readonly asset_id: string;
  readonly asset_code: string;
  readonly asset_issuer: string;
  /** The number of the last invitation; null when there was none. */
  readonly last_round: number | null;
  /** Whether an invitation is still on its way. */
  readonly under_way: boolean;
  /**
   * Whether an invitation counts: it is on its way, or it went out since the wallet was last registered and, of direct
   * payments, since the last of them became READY. One that was given up because nobody waited for it then, or because it could not be opened, does not.
   */
  readonly is_invited: boolean;
  /** Reminders among those that count. */
  readonly resends: number;
  /** Whole days since a provider accepted the first of those that count; null when none did. */
  readonly days_since_first: number | null;
}

/** A receiver wallet that waits for registration. */
export interface WaitingWallet {
  readonly id: string;
  readonly receiverId: string;
}

/** How an organisation invites. */
export interface InvitingOrganization {
  readonly name: string;
  readonly base_url: string;
  readonly template: string;
  readonly channel_priority: readonly string[];
  readonly shortens_links: boolean;
  readonly invitations_disabled: boolean;
  readonly resend_interval_days: number | null;
}

/** What has to be known before somebody is invited. */
export class InvitationCandidatesReadModel {
  async organization(tx: TenantTx): Promise<InvitingOrganization | null> {
    return await tx.queryOne<InvitingOrganization>(
      `SELECT o.name, t.base_url, o.receiver_registration_message_template AS template,
              o.message_channel_priority AS channel_priority, o.is_link_shortener_enabled AS shortens_links,
              coalesce(o.receiver_invitations_disabled, false) AS invitations_disabled,
              o.receiver_invitation_resend_interval_days AS resend_interval_days
         FROM tenants.organizations o JOIN tenants.tenants t ON t.id = o.tenant_id WHERE o.tenant_id = $1`,
      [tx.tenantId],
    );
  }

  /**
   * Those of these receiver wallets that wait for registration (READY: neither flagged nor registered) and for money:
   * a payment in READY whose disbursement is STARTED, or a direct one.
   */
  async candidates(tx: TenantTx, receiverWalletIds: readonly string[]): Promise<InvitationCandidate[]> {
    return await tx.query<InvitationCandidate>(
      `SELECT rw.id AS receiver_wallet_id, rw.receiver_id, r.phone_number, r.email, rw.wallet_id, w.deep_link_schema,
              waiting.disbursement_id, waiting.template, a.id AS asset_id, a.code AS asset_code, a.issuer AS asset_issuer,
              sent.last_round, coalesce(sent.under_way, false) AS under_way,
              coalesce(sent.under_way OR sent.is_invited, false) AS is_invited, coalesce(sent.resends, 0)::int AS resends,
              extract(day FROM now() - sent.first_sent_at)::int AS days_since_first
         FROM receivers.receiver_wallets rw
         JOIN receivers.receivers r ON r.tenant_id = rw.tenant_id AND r.id = rw.receiver_id
         JOIN catalogue.wallets w ON w.tenant_id = rw.tenant_id AND w.id = rw.wallet_id AND NOT w.user_managed
         CROSS JOIN LATERAL (
           SELECT DISTINCT ON (p.disbursement_id) p.disbursement_id, p.asset_id,
                  (p.status_history -> -1 ->> 'timestamp')::timestamptz AS ready_at,
                  coalesce(d.receiver_registration_message_template, '') AS template
             FROM disbursements.payments p
             LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
            WHERE p.tenant_id = rw.tenant_id AND p.receiver_wallet_id = rw.id AND ${ofNamedRows("p.status = 'READY'")}
              AND (p.disbursement_id IS NULL OR d.status = 'STARTED')
            ORDER BY p.disbursement_id, ready_at DESC NULLS LAST, p.id DESC) AS waiting
         JOIN catalogue.assets a ON a.tenant_id = rw.tenant_id AND a.id = waiting.asset_id
         CROSS JOIN LATERAL (
           SELECT coalesce(greatest(max((entry ->> 'timestamp')::timestamptz),
                                    CASE WHEN waiting.disbursement_id IS NULL THEN waiting.ready_at END), '-infinity') AS since
             FROM jsonb_array_elements(rw.status_history) AS entry WHERE entry ->> 'status' = 'REGISTERED') AS news
         CROSS JOIN LATERAL (
           SELECT max(m.round) AS last_round, bool_or(m.status IN ('PENDING', 'SENDING')) AS under_way,
                  bool_or(m.counts AND NOT (m.status = 'FAILURE' AND m.failure_reason = ANY($3))) AS is_invited,
                  count(*) FILTER (WHERE m.cause = 'resend' AND m.counts) AS resends,
                  min(m.sent_at) FILTER (WHERE m.counts) AS first_sent_at
             FROM (SELECT *, coalesce(sent_at, created_at) > news.since AS counts FROM messages.messages
                    WHERE tenant_id = rw.tenant_id AND receiver_wallet_id = rw.id AND kind = 'invitation'
                      AND disbursement_id IS NOT DISTINCT FROM waiting.disbursement_id) AS m) AS sent
        WHERE rw.tenant_id = $1 AND rw.id = ANY($2::uuid[]) AND ${ofNamedRows("rw.status = 'READY'")}
        ORDER BY rw.id, waiting.disbursement_id DESC NULLS LAST`,
      [tx.tenantId, receiverWalletIds, [NOT_WANTED, UNREADABLE]],
    );
  }

  /**
   * The next receiver wallets that wait for registration, in the order of their receivers, from behind the receiver `after`. All of
   * a receiver come at once, so there may be a few more than `limit`.
   */
  async waitingAfter(tx: TenantTx, after: string | null, limit: number): Promise<WaitingWallet[]> {
    // Ordered by the status too, although it is always the same: only an index of each status gives that order, whatever
    // PostgreSQL thinks of how many are READY.
    return await tx.query<WaitingWallet>(
      `SELECT id, receiver_id AS "receiverId" FROM receivers.receiver_wallets
        WHERE tenant_id = $1 AND status = ANY($2) AND receiver_id > $3
        ORDER BY status, receiver_id FETCH FIRST ($4) ROWS WITH TIES`,
      [tx.tenantId, ['READY'], after ?? LOWEST_ID, limit],
    );
  }
}
