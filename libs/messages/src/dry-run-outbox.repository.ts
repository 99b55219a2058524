import { newId } from '@libs/kernel';
import { sealedFor, sealText, type SystemTx, type TenantTx, unsealText } from '@libs/persistence';
import { createHmac } from 'node:crypto';

import type { OutgoingMessage } from './messenger.port';

const TABLE = 'messages.dry_run_outbox';

/** A message that DRY_RUN kept instead of sending it. */
export interface DryRunMessage {
  /** Ids made later sort later: it is also the cursor of the list. */
  readonly id: string;
  readonly tenantId: string;
  readonly messageId: string;
  readonly kind: string;
  readonly channel: string;
  readonly recipient: string;
  readonly title: string;
  readonly body: string;
  readonly sentAt: Date;
}

export interface DryRunQuery {
  readonly recipient?: string | undefined;
  /** Only messages with a larger id than this one. */
  readonly since?: string | undefined;
  /** Only messages with a smaller id than this one: the next page. */
  readonly before?: string | undefined;
  readonly limit: number;
}

interface Row {
  readonly tenant_id: string;
  readonly id: string;
  readonly message_id: string;
  readonly kind: string;
  readonly channel: string;
  readonly recipient_sealed: Uint8Array;
  readonly title_sealed: Uint8Array;
  readonly body_sealed: Uint8Array;
  readonly sent_at: Date;
}

/** What DRY_RUN "sent", sealed and kept: for people who try the system out on their own machine. */
export class DryRunOutboxRepository {
  /** `older`: what kept messages may be sealed under besides. */
  constructor(
    private readonly key: Uint8Array,
    private readonly older: readonly Uint8Array[] = [],
  ) {}

  /** Keeps the message and returns the id it is listed under. */
  async add(tx: TenantTx, message: OutgoingMessage): Promise<string> {
    const id = newId();
    const place = sealedFor(tx.tenantId, TABLE, id);
    await tx.execute(
      `INSERT INTO ${TABLE} (tenant_id, id, message_id, kind, channel, recipient_hmac, recipient_sealed, title_sealed, body_sealed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        tx.tenantId,
        id,
        message.messageId,
        message.kind,
        message.channel,
        this.recipientHmac(message.recipient),
        sealText(this.key, place, message.recipient),
        sealText(this.key, place, message.title),
        sealText(this.key, place, message.body),
      ],
    );
    return id;
  }

  /** Newest first, over all organisations. A recipient is found by an HMAC: the column itself cannot be read. */
  async list(tx: SystemTx, query: DryRunQuery): Promise<DryRunMessage[]> {
    const values = [query.limit, query.since ?? null, query.before ?? null];
    const recipient = query.recipient === undefined ? [] : [this.recipientHmac(query.recipient)];
    const rows = await tx.query<Row>(
      `SELECT found.* FROM (SELECT id FROM tenants.tenants) AS tenant,
              LATERAL (SELECT tenant_id, id, message_id, kind, channel, recipient_sealed, title_sealed, body_sealed, sent_at
                         FROM ${TABLE} o WHERE o.tenant_id = tenant.id ${recipient.length === 0 ? '' : 'AND o.recipient_hmac = $4'}
                          AND ($2::uuid IS NULL OR o.id > $2) AND ($3::uuid IS NULL OR o.id < $3)
                        ORDER BY o.id DESC LIMIT $1) AS found
        ORDER BY found.id DESC LIMIT $1`,
      [...values, ...recipient],
    );
    return rows.map((row) => this.opened(row));
  }

  private recipientHmac(recipient: string): Uint8Array {
    return createHmac('sha256', this.key)
      .update('dry-run-recipient|')
      .update(recipient.trim().toLowerCase())
      .digest();
  }

  private opened(row: Row): DryRunMessage {
    const place = sealedFor(row.tenant_id, TABLE, row.id);
    const keys = [this.key, ...this.older];
    return {
      id: row.id,
      tenantId: row.tenant_id,
      messageId: row.message_id,
      kind: row.kind,
      channel: row.channel,
      recipient: unsealText(keys, place, row.recipient_sealed),
      title: unsealText(keys, place, row.title_sealed),
      body: unsealText(keys, place, row.body_sealed),
      sentAt: row.sent_at,
    };
  }
}
