import { messageMachine } from '@libs/domain';
import {
  ofNamedRows,
  SealedColumnError,
  sealedFor,
  type SystemTx,
  type TenantTx,
  unsealText,
} from '@libs/persistence';
import { z } from 'zod';

import type { Channel, MessageKind, TakenMessage } from './message';
import { MESSAGES_TABLE } from './message.repository';

/** Longer than a provider may take to answer, so that a living sender is never overtaken. */
const LEASE_SECONDS = 30;
/** The reason of an invitation that nobody waited for any more when its turn came. */
export const NOT_WANTED = 'not wanted any more';
/** The reason of a message that no key of this process opens: a try later would find the same. */
export const UNREADABLE =
  'it cannot be opened: see MESSAGE_ENCRYPTION_KEY in docs/keys.md, and have it sent anew';
/** Invitations, one-time codes and staff mail each have a place of their own in the queue. */
const PRIORITIES = '(VALUES (0), (1), (2)) AS priorities (priority)';
const SENDING_TENANTS = `tenants.tenants t WHERE t.status IN ('PROVISIONED', 'ACTIVATED') AND t.deleted_at IS NULL`;

/** Invitations that wait until their disbursement is resumed; in the words of their index. */
export const RESTING = `status = 'PENDING' AND next_try_at = 'infinity'`;

export interface MessageRef {
  readonly tenantId: string;
  readonly id: string;
}

export interface Delivered {
  readonly id: string;
  readonly tryNumber: number;
  readonly channel: Channel;
  readonly providerMessageId: string;
}

export interface Undelivered {
  readonly id: string;
  readonly tryNumber: number;
  /** Null: it was the last try. */
  readonly nextTryInMs: number | null;
  readonly reason: string;
}

export interface DeliveredRow {
  readonly id: string;
  readonly kind: MessageKind;
  readonly receiver_wallet_id: string | null;
}

const contactsSchema = z.object({ phoneNumber: z.string().nullable(), email: z.string().nullable() });

/** A message that was given up because it could not be opened. */
export interface UnreadableMessage {
  readonly id: string;
  readonly kind: MessageKind;
  /** Whether the key is missing or the bytes were changed. */
  readonly error: SealedColumnError;
}

export interface Taken {
  readonly messages: readonly TakenMessage[];
  readonly unreadable: readonly UnreadableMessage[];
}

interface TakenRow {
  readonly id: string;
  readonly kind: MessageKind;
  readonly tries: number;
  readonly channels: Channel[];
  readonly recipient_sealed: Uint8Array;
  readonly title_sealed: Uint8Array;
  readonly body_sealed: Uint8Array;
  readonly trace: string;
}

/** Moves messages through their states while they are sent. Each result counts only for the try it belongs to. */
export class SendQueueRepository {
  /** `older`: what a message may be sealed under besides. */
  constructor(
    private readonly key: Uint8Array,
    private readonly older: readonly Uint8Array[] = [],
  ) {}

  /**
   * The next messages to take, over all organisations: at most `limit` of each, codes before mail before
   * invitations, so that one organisation's hundred thousand invitations hold up nobody's code.
   */
  async due(tx: SystemTx, limit: number): Promise<MessageRef[]> {
    const rows = await tx.query<{ tenant_id: string; id: string }>(
      `SELECT due.tenant_id, due.id
         FROM (SELECT t.id FROM ${SENDING_TENANTS}) AS tenant (id), ${PRIORITIES},
              LATERAL (SELECT m.tenant_id, m.id, m.next_try_at FROM ${MESSAGES_TABLE} m
                        WHERE m.tenant_id = tenant.id AND m.status = 'PENDING' AND m.priority = priorities.priority
                          AND m.next_try_at <= now()
                        ORDER BY m.next_try_at LIMIT $1) AS due
        ORDER BY priorities.priority, row_number() OVER (PARTITION BY due.tenant_id, priorities.priority ORDER BY due.next_try_at)
        LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ tenantId: row.tenant_id, id: row.id }));
  }

  /** Messages whose sender died: SENDING past the end of their lease. */
  async abandoned(tx: SystemTx, limit: number): Promise<(MessageRef & { readonly tryNumber: number })[]> {
    const rows = await tx.query<{ tenant_id: string; id: string; tries: number }>(
      `SELECT late.tenant_id, late.id, late.tries
         FROM (SELECT id FROM tenants.tenants) AS tenant,
              LATERAL (SELECT m.tenant_id, m.id, m.tries FROM ${MESSAGES_TABLE} m
                        WHERE m.tenant_id = tenant.id AND m.status = 'SENDING' AND m.lease_until < now()
                        ORDER BY m.lease_until LIMIT $1) AS late
        LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ tenantId: row.tenant_id, id: row.id, tryNumber: row.tries }));
  }

  /**
   * *take*: of racing senders one gets each message. What is too old to be of use is given up instead, and so is what cannot be
   * opened, alone: the others of its batch go.
   */
  async take(tx: TenantTx, ids: readonly string[]): Promise<Taken> {
    await this.giveUpExpired(tx, ids);
    const rows = await tx.query<TakenRow>(
      `UPDATE ${MESSAGES_TABLE} SET status = $2, tries = tries + 1, updated_at = now(),
              lease_until = now() + make_interval(secs => ${String(LEASE_SECONDS)}),
              status_history = status_history || history_entry($2, $4, '')
        WHERE tenant_id = $1 AND id = ANY($5::uuid[]) AND ${ofNamedRows('status = ANY($3) AND next_try_at <= now()')}
        RETURNING id, kind, tries, channels, recipient_sealed, title_sealed, body_sealed, trace`,
      [tx.tenantId, messageMachine.targetOf('take'), messageMachine.sourcesOf('take'), tx.actor, ids],
    );
    const messages: TakenMessage[] = [];
    const unreadable: UnreadableMessage[] = [];
    const over: Undelivered[] = [];
    for (const row of rows) {
      try {
        messages.push(this.opened(tx.tenantId, row));
      } catch (error) {
        if (!(error instanceof SealedColumnError)) throw error;
        unreadable.push({ id: row.id, kind: row.kind, error });
        over.push({ id: row.id, tryNumber: row.tries, nextTryInMs: null, reason: UNREADABLE });
      }
    }
    await this.notDelivered(tx, over);
    return { messages, unreadable };
  }

  /** Lets messages rest that nobody has taken; it is no try. */
  async postpone(tx: TenantTx, ids: readonly string[], seconds: number): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(
      `UPDATE ${MESSAGES_TABLE} SET next_try_at = now() + make_interval(secs => $3), updated_at = now()
        WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ${ofNamedRows('status = ANY($4)')}`,
      [tx.tenantId, ids, seconds, messageMachine.sourcesOf('take')],
    );
  }

  /** Lets invitations rest that nobody has taken until somebody ends it; it is no try, and while it lasts nobody looks at them. */
  async restUntilResumed(tx: TenantTx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(
      `UPDATE ${MESSAGES_TABLE} SET next_try_at = 'infinity', updated_at = now()
        WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ${ofNamedRows('status = ANY($3)')}`,
      [tx.tenantId, ids, messageMachine.sourcesOf('take')],
    );
  }

  /** Ends the rest of at most `limit` of the invitations of a disbursement that wait for its resume; answers how many they were. */
  async endRestOf(tx: TenantTx, disbursementId: string, limit: number): Promise<number> {
    // What core's word is waking at this moment is left to it: neither ever waits for the other with rows in its hands.
    return await tx.execute(
      `UPDATE ${MESSAGES_TABLE} SET next_try_at = now(), updated_at = now()
        WHERE tenant_id = $1 AND id = ANY(ARRAY(
          SELECT id FROM ${MESSAGES_TABLE}
           WHERE tenant_id = $1 AND disbursement_id = $2 AND ${RESTING} LIMIT $3 FOR UPDATE SKIP LOCKED))`,
      [tx.tenantId, disbursementId, limit],
    );
  }

  /**
   * Ends the rest of invitations that were written for these receiver wallets and this disbursement and that nobody has taken yet.
   * One that a provider asked to have later keeps its time.
   */
  async endRest(
    tx: TenantTx,
    receiverWalletIds: readonly string[],
    disbursementId: string | null,
  ): Promise<void> {
    await tx.execute(
      `UPDATE ${MESSAGES_TABLE} m SET next_try_at = now(), updated_at = now()
         FROM (SELECT id FROM ${MESSAGES_TABLE}
                WHERE tenant_id = $1 AND kind = 'invitation' AND receiver_wallet_id = ANY($2::uuid[])
                  AND disbursement_id IS NOT DISTINCT FROM $3::uuid
                  AND ${ofNamedRows(`status = ANY($4) AND (tries = 0 AND next_try_at > now() OR next_try_at = 'infinity')`)}
                ORDER BY id FOR UPDATE) AS resting
        WHERE m.tenant_id = $1 AND m.id = resting.id`,
      [tx.tenantId, receiverWalletIds, disbursementId, messageMachine.sourcesOf('take')],
    );
  }

  /** *giveUp* for messages that nobody has taken and nobody needs. */
  async giveUpUnwanted(tx: TenantTx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(
      `UPDATE ${MESSAGES_TABLE} SET status = $2, updated_at = now(), failure_reason = $5,
              status_history = status_history || history_entry($2, $4, $5)
        WHERE tenant_id = $1 AND id = ANY($3::uuid[]) AND ${ofNamedRows('status = ANY($6)')}`,
      [
        ...[tx.tenantId, messageMachine.targetOf('giveUp'), ids, tx.actor, NOT_WANTED],
        messageMachine.sourcesOf('take'),
      ],
    );
  }

  /** *deliver* for each message whose provider accepted it; answers with the rows that moved. */
  async deliver(tx: TenantTx, delivered: readonly Delivered[]): Promise<DeliveredRow[]> {
    return await tx.query<DeliveredRow>(
      `UPDATE ${MESSAGES_TABLE} m SET status = $2, sent_at = now(), updated_at = now(), lease_until = NULL,
              channel = result.channel, provider_message_id = result.provider_message_id, failure_reason = NULL,
              status_history = status_history || history_entry($2, $4, '')
         FROM unnest($5::uuid[], $6::int[], $7::text[], $8::text[]) AS result (id, try_number, channel, provider_message_id)
        WHERE m.tenant_id = $1 AND m.id = result.id AND m.tries = result.try_number AND ${ofNamedRows('m.status = ANY($3)')}
        RETURNING m.id, m.kind, m.receiver_wallet_id`,
      [
        tx.tenantId,
        messageMachine.targetOf('deliver'),
        messageMachine.sourcesOf('deliver'),
        tx.actor,
        delivered.map((result) => result.id),
        delivered.map((result) => result.tryNumber),
        delivered.map((result) => result.channel),
        delivered.map((result) => result.providerMessageId.slice(0, 255)),
      ],
    );
  }

  /** *retryLater* for what has tries left, *giveUp* for the rest; answers how many moved. */
  async notDelivered(tx: TenantTx, undelivered: readonly Undelivered[]): Promise<number> {
    const later = undelivered.filter((result) => result.nextTryInMs !== null);
    const over = undelivered.filter((result) => result.nextTryInMs === null);
    return (await this.moveBack(tx, 'retryLater', later)) + (await this.moveBack(tx, 'giveUp', over));
  }

  private async moveBack(
    tx: TenantTx,
    move: 'retryLater' | 'giveUp',
    results: readonly Undelivered[],
  ): Promise<number> {
    if (results.length === 0) return 0;
    return await tx.execute(
      `UPDATE ${MESSAGES_TABLE} m SET status = $2, updated_at = now(), lease_until = NULL, failure_reason = result.reason,
              next_try_at = now() + make_interval(secs => result.wait_ms / 1000.0),
              status_history = status_history || history_entry($2, $4, result.reason)
         FROM unnest($5::uuid[], $6::int[], $7::int[], $8::text[]) AS result (id, try_number, wait_ms, reason)
        WHERE m.tenant_id = $1 AND m.id = result.id AND m.tries = result.try_number AND ${ofNamedRows('m.status = ANY($3)')}`,
      [
        tx.tenantId,
        messageMachine.targetOf(move),
        messageMachine.sourcesOf(move),
        tx.actor,
        results.map((result) => result.id),
        results.map((result) => result.tryNumber),
        results.map((result) => result.nextTryInMs ?? 0),
        results.map((result) => result.reason.slice(0, 255)),
      ],
    );
  }

  private async giveUpExpired(tx: TenantTx, ids: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE ${MESSAGES_TABLE} SET status = $2, updated_at = now(), lease_until = NULL, failure_reason = 'expired',
              status_history = status_history || history_entry($2, $4, 'too old to be of use')
        WHERE tenant_id = $1 AND id = ANY($5::uuid[]) AND ${ofNamedRows('status = ANY($3)')} AND expires_at <= now()
          AND (lease_until IS NULL OR lease_until < now())`,
      [tx.tenantId, messageMachine.targetOf('giveUp'), messageMachine.sourcesOf('giveUp'), tx.actor, ids],
    );
  }

  private opened(tenantId: string, row: TakenRow): TakenMessage {
    const place = sealedFor(tenantId, MESSAGES_TABLE, row.id);
    const keys = [this.key, ...this.older];
    return {
      tenantId,
      id: row.id,
      kind: row.kind,
      tryNumber: row.tries,
      channels: row.channels,
      contacts: contactsSchema.parse(JSON.parse(unsealText(keys, place, row.recipient_sealed))),
      title: unsealText(keys, place, row.title_sealed),
      body: unsealText(keys, place, row.body_sealed),
      trace: row.trace,
    };
  }
}
