import { sealedFor, sealText, type SqlValue, type TenantTx } from '@libs/persistence';

import type { MessageKind, NewMessage } from './message';

export const MESSAGES_TABLE = 'messages.messages';

/** Each column of the insert with its type; one array per column travels to PostgreSQL. */
const COLUMNS = {
  id: 'uuid',
  kind: 'text',
  priority: 'smallint',
  recipient_sealed: 'bytea',
  title_sealed: 'bytea',
  body_sealed: 'bytea',
  channels: 'text',
  receiver_id: 'uuid',
  receiver_wallet_id: 'uuid',
  wallet_id: 'uuid',
  asset_id: 'uuid',
  disbursement_id: 'uuid',
  round: 'int',
  cause: 'text',
  expires_at: 'timestamptz',
} as const;
/** Somebody waits for a code; nobody waits for one of a thousand invitations. */
const PRIORITY: Readonly<Record<MessageKind, number>> = { one_time_code: 0, staff: 1, invitation: 2 };
const NAMES = Object.keys(COLUMNS);
const ARRAYS = Object.values(COLUMNS).map((type, index) => `$${String(index + 4)}::${type}[]`);
const SELECTED = NAMES.map((name) => (name === 'channels' ? `string_to_array(channels, ',')` : name));

/** Adds messages that are to be sent. */
export class MessageRepository {
  /** `key` seals recipient, title and text: MESSAGE_ENCRYPTION_KEY. */
  constructor(private readonly key: Uint8Array) {}

  /**
   * Stores messages as PENDING and returns how many are new: an invitation whose round was stored before is left out.
   *
   * The caller publishes `events.messages.requested` in the same database transaction where somebody waits.
   */
  async store(tx: TenantTx, messages: readonly NewMessage[]): Promise<number> {
    if (messages.length === 0) return 0;
    const rows = messages.map((message) => this.valuesOf(tx.tenantId, message));
    // No RETURNING: it would need the right to read, which an app that only adds messages does not have.
    return await tx.execute(
      `INSERT INTO ${MESSAGES_TABLE} (tenant_id, status_history, trace, ${NAMES.join(', ')})
       SELECT $1, history_entry('PENDING', $2, ''), $3, ${SELECTED.join(', ')}
         FROM unnest(${ARRAYS.join(', ')}) AS added (${NAMES.join(', ')})
       ON CONFLICT DO NOTHING`,
      [tx.tenantId, tx.actor, tx.trace, ...NAMES.map((_, column) => rows.map((row) => row[column] ?? null))],
    );
  }

  private valuesOf(tenantId: string, message: NewMessage): SqlValue[] {
    const place = sealedFor(tenantId, MESSAGES_TABLE, message.id);
    return [
      message.id,
      message.kind,
      PRIORITY[message.kind],
      sealText(this.key, place, JSON.stringify(message.contacts)),
      sealText(this.key, place, message.title),
      sealText(this.key, place, message.body),
      message.channels.join(','),
      message.receiverId ?? null,
      message.receiverWalletId ?? null,
      message.walletId ?? null,
      message.assetId ?? null,
      message.disbursementId ?? null,
      message.invitation?.round ?? null,
      message.invitation?.cause ?? null,
      message.expiresAt ?? null,
    ];
  }
}
