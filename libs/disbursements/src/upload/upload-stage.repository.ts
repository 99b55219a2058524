import { once } from 'node:events';
import { finished } from 'node:stream/promises';

import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import {
  hashVerificationValue,
  hashWithContact,
  isTelephone,
  PUBLISH_COLUMNS,
  PUBLISH_TABLE,
} from '@libs/receivers';

import type { FileKind } from './instruction-columns.policy';
import { type Instruction, PHONE_MISTAKE, type ReadLine } from './instruction.policy';
import type { LineMistakes } from './line-mistakes';

const COLUMNS = [
  ...['line', 'contact', 'external_id', 'amount', 'external_payment_id', 'value_hmac', 'contact_hmac'],
  ...['stellar_address', 'stellar_memo', 'stellar_memo_type'],
  ...['receiver_id', 'receiver_wallet_id', 'payment_id'],
];
/** How much is collected before it is handed to the connection. */
const CHUNK_CHARACTERS = 65_536;
/** Numbers are looked at in slices, so that other requests get their turn in between. */
const NUMBERS_PER_SLICE = 1_000;

const NEEDS_ESCAPE = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const NULL = '\\N';

const copied = (text: string | null): string =>
  text === null ? NULL : text.replace(NEEDS_ESCAPE, (character) => ESCAPES[character] ?? character);

const copiedBytes = (bytes: Uint8Array): string => `\\\\x${Buffer.from(bytes).toString('hex')}`;

/** What it takes to hash the verification values of a file. */
export interface StageSecrets {
  readonly pepper: Uint8Array;
  /** Whether the hash with the contact is asked for too, to compare with values of older rows. */
  readonly withContact: boolean;
}

/** The TEMP table of one file, on the connection that publishes it: gone with it, and not in the write-ahead log. */
export class UploadStage {
  private pending = '';

  private constructor(
    private readonly tx: TenantTx,
    private readonly kind: FileKind,
    private readonly secrets: StageSecrets,
  ) {}

  /** Copies lines as they are read. A line with mistakes brings its contact only. Returns how many there were. */
  static async fill(
    tx: TenantTx,
    lines: AsyncIterable<ReadLine & { readonly line: number }>,
    options: { readonly kind: FileKind; readonly secrets: StageSecrets },
  ): Promise<UploadStage> {
    await tx.execute(
      `CREATE TEMP TABLE ${PUBLISH_TABLE.replace('pg_temp.', '')} (${PUBLISH_COLUMNS},
         amount bigint, external_payment_id text, payment_id uuid) ON COMMIT DROP`,
    );
    const stage = new UploadStage(tx, options.kind, options.secrets);
    await stage.copy(lines);
    await tx.execute(`ANALYZE ${PUBLISH_TABLE}`);
    return stage;
  }

  private async copy(lines: AsyncIterable<ReadLine & { readonly line: number }>): Promise<void> {
    const copy = this.tx.copyFrom(`COPY ${PUBLISH_TABLE} (${COLUMNS.join(', ')}) FROM STDIN`);
    const copied = finished(copy);
    // Awaited below; until then a broken connection shows up in a write or a drain first.
    copied.catch(() => undefined);
    try {
      for await (const { line, contact, instruction } of lines) {
        if (instruction !== null) this.pending += this.rowOf(instruction);
        else if (contact !== null) this.pending += contactRowOf(line, contact);
        if (this.pending.length < CHUNK_CHARACTERS) continue;
        const hasRoom = copy.write(this.pending);
        this.pending = '';
        if (!hasRoom) await once(copy, 'drain');
      }
    } finally {
      // Also when the file turned out to be unreadable: the connection must leave COPY before it can roll back.
      copy.end(this.pending);
      this.pending = '';
      await copied;
    }
  }

  private rowOf(instruction: Instruction): string {
    const { line, contact, externalId, amount, externalPaymentId, stellarAddress, memo } = instruction;
    return `${[
      String(line),
      copied(contact),
      copied(externalId),
      String(amount),
      copied(externalPaymentId),
      ...this.hmacsOf(instruction),
      copied(stellarAddress),
      copied(memo === null ? null : memo.value),
      copied(memo === null ? null : memo.type),
      newId(),
      newId(),
      newId(),
    ].join('\t')}\n`;
  }

  /** The value itself never reaches the database. */
  private hmacsOf({ contact, verification }: Instruction): [string, string] {
    const field = this.kind.verificationField;
    if (field === null || verification === null) return [NULL, NULL];
    const { pepper, withContact } = this.secrets;
    const value = { pepper, tenantId: this.tx.tenantId, field, value: verification };
    return [
      copiedBytes(hashVerificationValue(value)),
      withContact ? copiedBytes(hashWithContact(value, contact)) : NULL,
    ];
  }

  /** Contacts that are in the file twice. */
  async findDuplicates(mistakes: LineMistakes): Promise<void> {
    const rows = await this.tx.query<{ line: number; first: number; found: bigint }>(
      `SELECT u.line, twice.first, count(*) OVER () AS found FROM ${PUBLISH_TABLE} u
         JOIN (SELECT contact, min(line) AS first FROM ${PUBLISH_TABLE} GROUP BY contact HAVING count(*) > 1) twice
           USING (contact)
        WHERE u.line > twice.first ORDER BY u.line LIMIT $1`,
      [Math.max(1, mistakes.room)],
    );
    for (const { line, first } of rows) {
      mistakes.add(
        line,
        'contact info',
        `duplicate contact information. Also found on line ${String(first)}`,
      );
    }
    mistakes.addUnshown(Number(rows[0]?.found ?? 0n) - rows.length);
  }

  /** Numbers that no telephone has. Each is looked at once in its life: who is known to the tenant is left out. */
  async findUnknownNumbers(mistakes: LineMistakes): Promise<void> {
    await this.tx.execute(
      `DECLARE new_numbers NO SCROLL CURSOR FOR
       SELECT u.line, u.contact FROM ${PUBLISH_TABLE} u
        WHERE NOT EXISTS (SELECT FROM receivers.receivers r
                           WHERE r.tenant_id = (SELECT current_tenant()) AND r.phone_number = u.contact)
        ORDER BY u.line`,
    );
    for (;;) {
      const rows = await this.tx.query<{ line: number; contact: string }>(
        `FETCH ${String(NUMBERS_PER_SLICE)} FROM new_numbers`,
      );
      for (const { line, contact } of rows) {
        if (!isTelephone(contact)) mistakes.add(line, 'phone', PHONE_MISTAKE);
      }
      if (rows.length < NUMBERS_PER_SLICE) break;
    }
    await this.tx.execute('CLOSE new_numbers');
  }

  /** How many rows there are and what they come to, in stroops: as large as a file makes it. */
  async totals(): Promise<{ readonly rows: number; readonly amount: bigint }> {
    const row = await this.tx.queryOne<{ rows: bigint; amount: string }>(
      `SELECT count(*) AS rows, coalesce(sum(amount), 0)::text AS amount FROM ${PUBLISH_TABLE}`,
    );
    return { rows: Number(row?.rows ?? 0n), amount: BigInt(row?.amount ?? 0) };
  }
}

const EMPTY_CELLS = `\t${NULL}`.repeat(COLUMNS.length - 2);
const contactRowOf = (line: number, contact: string): string =>
  `${String(line)}\t${copied(contact)}${EMPTY_CELLS}\n`;
