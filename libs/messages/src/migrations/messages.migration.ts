import { type Migration, schemaFor, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class Messages1763700600000 implements MigrationInterface {
  readonly name = 'Messages1763700600000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [...schemaFor('messages'), ...messageTable, ...dryRunOutboxTable, ...shortLinkTable];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA messages CASCADE');
  }
}

// Recipient, title and text are sealed (AES-256-GCM, bound to the row): they hold contacts, codes and links.
const messageTable: readonly string[] = [
  `CREATE TABLE messages.messages (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN ('invitation', 'one_time_code', 'staff')),
     -- A code that somebody waits for goes before a thousand invitations.
     priority smallint GENERATED ALWAYS AS (CASE kind WHEN 'one_time_code' THEN 0 WHEN 'staff' THEN 1 ELSE 2 END) STORED,
     status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENDING', 'SUCCESS', 'FAILURE')),
     status_history jsonb NOT NULL DEFAULT '[]',
     recipient_sealed bytea NOT NULL,
     title_sealed bytea NOT NULL,
     body_sealed bytea NOT NULL,
     -- The channels that the recipient can be reached by, the preferred one first.
     channels text[] NOT NULL CHECK (cardinality(channels) BETWEEN 1 AND 2 AND channels <@ '{SMS,EMAIL}'),
     -- The channel that carried it, once a provider has accepted it.
     channel text CHECK (channel IN ('SMS', 'EMAIL')),
     receiver_id uuid,
     receiver_wallet_id uuid,
     wallet_id uuid,
     asset_id uuid,
     -- Null for a direct payment.
     disbursement_id uuid,
     -- 0 is the first invitation; each time it is sent again the next number.
     round integer CHECK (round >= 0),
     cause text CHECK (cause IN ('first', 'resend', 'manual')),
     tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 20),
     next_try_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz,
     -- While SENDING: until when the sender that took it is believed to live.
     lease_until timestamptz,
     provider_message_id text CHECK (char_length(provider_message_id) <= 255),
     failure_reason text CHECK (char_length(failure_reason) <= 255),
     trace text NOT NULL DEFAULT '',
     sent_at timestamptz,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     CHECK (status <> 'SENDING' OR lease_until IS NOT NULL),
     CHECK ((kind = 'invitation') = (round IS NOT NULL AND cause IS NOT NULL AND receiver_wallet_id IS NOT NULL))) WITH (fillfactor = 75)`,
  `CREATE UNIQUE INDEX messages_invitation ON messages.messages (tenant_id, receiver_wallet_id, disbursement_id, round)
     NULLS NOT DISTINCT WHERE kind = 'invitation'`,
  // Both shrink as work is done, so neither grows with history.
  `CREATE INDEX messages_pending ON messages.messages (tenant_id, priority, next_try_at) WHERE status = 'PENDING'`,
  `CREATE INDEX messages_sending ON messages.messages (tenant_id, lease_until) WHERE status = 'SENDING'`,
  `CREATE INDEX messages_receiver ON messages.messages (tenant_id, receiver_id) WHERE receiver_id IS NOT NULL`,
  ...tenantTable(
    'messages.messages',
    {
      dashboardApi: 'select, insert, delete',
      recipientApi: 'insert',
      messaging: 'select, insert, update',
    },
    ['messaging'],
  ),
];

// What DRY_RUN "sent": read by people who try the system out, and by the demo.
const dryRunOutboxTable: readonly string[] = [
  `CREATE TABLE messages.dry_run_outbox (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     message_id uuid NOT NULL,
     kind text NOT NULL,
     channel text NOT NULL CHECK (channel IN ('SMS', 'EMAIL')),
     recipient_hmac bytea NOT NULL CHECK (octet_length(recipient_hmac) = 32),
     recipient_sealed bytea NOT NULL,
     title_sealed bytea NOT NULL,
     body_sealed bytea NOT NULL,
     sent_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id))`,
  `CREATE INDEX dry_run_outbox_recipient ON messages.dry_run_outbox (tenant_id, recipient_hmac, id)`,
  ...tenantTable('messages.dry_run_outbox', { dashboardApi: 'delete, select', messaging: 'select, insert' }, [
    'messaging',
  ]),
];

const shortLinkTable: readonly string[] = [
  `CREATE TABLE messages.short_links (
     tenant_id uuid NOT NULL,
     code text NOT NULL CHECK (code ~ '^[0-9a-zA-Z]{6,16}$'),
     url text NOT NULL CHECK (char_length(url) <= 2048),
     -- SHA-256 of the address: the same link keeps its code.
     url_digest bytea NOT NULL CHECK (octet_length(url_digest) = 32),
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, code),
     UNIQUE (tenant_id, url_digest))`,
  ...tenantTable('messages.short_links', { recipientApi: 'select', messaging: 'select, insert' }),
];

/** A generated column cannot be copied from row to row, and what a kind means is better said where it is written. */
class MessagePriority1763700610000 implements MigrationInterface {
  readonly name = 'MessagePriority1763700610000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messages.messages ALTER COLUMN priority DROP EXPRESSION');
    await runner.query(`ALTER TABLE messages.messages ALTER COLUMN priority SET NOT NULL,
      ADD CONSTRAINT messages_priority CHECK (priority BETWEEN 0 AND 2)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE messages.messages DROP CONSTRAINT messages_priority, ALTER COLUMN priority DROP NOT NULL',
    );
  }
}

export const messagesMigrations: readonly Migration[] = [Messages1763700600000, MessagePriority1763700610000];
