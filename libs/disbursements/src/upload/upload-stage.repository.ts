import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';

import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import {
  type ContactRange,
  EVERYBODY,
  hashVerificationValue,
  hashWithContact,
  isTelephone,
  PUBLISH_COLUMNS,
  PUBLISH_TABLE,
} from '@libs/receivers';

import type { ConnectionTurns } from './connection-turns';
import type { FileKind } from './instruction-columns.policy';
import type { Instruction, ReadLine } from './instruction.policy';
import { duplicateOf, type LineMistakes } from './line-mistakes';
import { EVERY_LINE, type LineRange } from './publish-payments.repository';

const COLUMNS = [
  ...['line', 'contact', 'external_id', 'amount', 'external_payment_id', 'value_hmac', 'contact_hmac'],
  ...['stellar_address', 'stellar_memo', 'stellar_memo_type'],
  ...['receiver_id', 'receiver_wallet_id', 'payment_id'],
];
/**
 * How much is copied at once: between two copies the connection reads on in the file. Longer texts are made where garbage stays until
 * all of the heap is collected.
 */
const BATCH_CHARACTERS = 65_536;
/** After so many rows whatever else waits has its turn: also the copy that goes on behind them. */
const ROWS_PER_TURN = 250;
const ROWS_PER_SLICE = 1_000;
/** Of the planner's statistics: 300 rows are looked at for each, and the usual 100 look at every row of most files. */
const SAMPLE = 10;
/** More than there are dates of birth; a few megabytes. */
const HASHES_MAX = 40_000;

const NEEDS_ESCAPE = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const NULL = '\\N';

const copied = (text: string | null): string =>
  text === null ? NULL : text.replace(NEEDS_ESCAPE, (character) => ESCAPES[character] ?? character);

const copiedBytes = (bytes: Uint8Array): string => `\\\\x${Buffer.from(bytes).toString('hex')}`;

/** As they are read, or held. */
type AnyLines =
  AsyncIterable<ReadLine & { readonly line: number }> | Iterable<ReadLine & { readonly line: number }>;

/** What it takes to hash the verification values of a file. */
export interface StageSecrets {
  readonly pepper: Uint8Array;
  /** Whether the hash with the contact is asked for too, to compare with values of older rows. */
  readonly withContact: boolean;
}

export interface StageOptions {
  readonly kind: FileKind;
  /** Null: only the contacts are copied, to look which of them are wrong. */
  readonly secrets: StageSecrets | null;
  /** Who else uses the connection meanwhile. */
  readonly turns: ConnectionTurns;
  /** Whether the table goes with the database transaction, or lasts until the session ends. */
  readonly lasts: 'transaction' | 'session';
}

/** The TEMP table of one file, on the connection that publishes it: gone with it, and not in the write-ahead log. */
export class UploadStage {
  private pending = '';
  private copying: Promise<void> = Promise.resolve();
  /** As they are copied, by the value; of this file alone. */
  private readonly hashes = new Map<string, string>();

  private constructor(
    private readonly tx: TenantTx,
    private readonly options: StageOptions,
  ) {}

  /** Copies lines as they are read. A line with mistakes brings its contact only. Returns how many there were. */
  static async fill(tx: TenantTx, lines: AnyLines, options: StageOptions): Promise<UploadStage> {
    await tx.execute(
      `CREATE TEMP TABLE ${PUBLISH_TABLE.replace('pg_temp.', '')} (${PUBLISH_COLUMNS},
         amount bigint, external_payment_id text, payment_id uuid)
       ON COMMIT ${options.lasts === 'session' ? 'PRESERVE ROWS' : 'DROP'}`,
    );
    const stage = new UploadStage(tx, options);
    await stage.copy(lines);
    await stage.analyze();
    return stage;
  }

  private async copy(lines: AnyLines): Promise<void> {
    const { secrets } = this.options;
    let rows = 0;
    try {
      for await (const { line, contact, instruction } of lines) {
        if (instruction !== null && secrets !== null) this.pending += this.rowOf(instruction, secrets);
        else if (contact !== null) this.pending += contactRowOf(line, contact);
        if (this.pending.length >= BATCH_CHARACTERS) await this.copyBatch();
        rows += 1;
        if (rows % ROWS_PER_TURN === 0) await setImmediate();
      }
      if (this.pending !== '') await this.copyBatch();
      await this.copying;
    } finally {
      // Also when the file turned out to be unreadable: what reads ahead must leave the connection before it rolls back.
      await this.options.turns.idle();
    }
  }

  /** Resolves when the batch before it is copied: while one is, the rows of the next are put together. */
  private async copyBatch(): Promise<void> {
    await this.copying;
    const batch = this.pending;
    this.pending = '';
    this.copying = this.options.turns.take(async () => {
      const copy = this.tx.copyFrom(`COPY ${PUBLISH_TABLE} (${COLUMNS.join(', ')}) FROM STDIN`);
      const done = finished(copy);
      copy.end(batch);
      await done;
    });
    // Told to whoever waits for it next.
    this.copying.catch(() => undefined);
  }

  private rowOf(instruction: Instruction, secrets: StageSecrets): string {
    const { line, contact, externalId, amount, externalPaymentId, stellarAddress, memo } = instruction;
    return `${[
      String(line),
      copied(contact),
      copied(externalId),
      String(amount),
      copied(externalPaymentId),
      ...this.hmacsOf(instruction, secrets),
      copied(stellarAddress),
      copied(memo === null ? null : memo.value),
      copied(memo === null ? null : memo.type),
      newId(),
      newId(),
      newId(),
    ].join('\t')}\n`;
  }

  /** Tells the planner how many rows there are and that each has another contact: a small sample shows it. */
  private async analyze(): Promise<void> {
    await this.tx.execute(`SET LOCAL default_statistics_target = ${String(SAMPLE)}`);
    await this.tx.execute(`ANALYZE ${PUBLISH_TABLE}`);
    await this.tx.execute('SET LOCAL default_statistics_target = DEFAULT');
  }

  /** The value itself never reaches the database. Many people share a date of birth: each value is hashed once in a while. */
  private hmacsOf({ contact, verification }: Instruction, secrets: StageSecrets): [string, string] {
    const field = this.options.kind.verificationField;
    if (field === null || verification === null) return [NULL, NULL];
    const { pepper, withContact } = secrets;
    const value = { pepper, tenantId: this.tx.tenantId, field, value: verification };
    let hash = this.hashes.get(verification);
    if (hash === undefined) {
      hash = copiedBytes(hashVerificationValue(value));
      if (this.hashes.size >= HASHES_MAX) this.hashes.clear();
      this.hashes.set(verification, hash);
    }
    return [hash, withContact ? copiedBytes(hashWithContact(value, contact)) : NULL];
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
      const { field, text } = duplicateOf(line, first);
      mistakes.add(line, field, text);
    }
    mistakes.addUnshown(Number(rows[0]?.found ?? 0n) - rows.length);
  }

  /** All of them, in the order of their lines, with the line of the contact's first place. */
  async everyDuplicate(tell: (line: number, first: number) => void): Promise<void> {
    const sql = `SELECT u.line, twice.first FROM ${PUBLISH_TABLE} u
                   JOIN (SELECT contact, min(line) AS first FROM ${PUBLISH_TABLE} GROUP BY contact HAVING count(*) > 1) twice
                     USING (contact)
                  WHERE u.line > twice.first ORDER BY u.line`;
    await this.fetch<{ line: number; first: number }>(
      { name: 'duplicates', sql, rows: ROWS_PER_SLICE },
      ({ line, first }) => tell(line, first),
    );
  }

  /**
   * Numbers that no telephone has, in the order of their lines. Each is looked at once in its life: who is known to the tenant
   * is left out, once the people are matched.
   */
  async findUnknownNumbers(tell: (line: number) => void): Promise<void> {
    // A slice as one text: a million rows of their own were a third slower, and their garbage stays for long.
    const slices = `SELECT string_agg(u.line || ' ' || u.contact, ',' ORDER BY u.line) AS numbers FROM ${PUBLISH_TABLE} u
                     WHERE NOT u.known GROUP BY u.line / ${String(ROWS_PER_SLICE)} ORDER BY u.line / ${String(ROWS_PER_SLICE)}`;
    await this.fetch<{ numbers: string }>({ name: 'new_numbers', sql: slices, rows: 1 }, ({ numbers }) => {
      for (const numbered of numbers.split(',')) {
        const [line, contact = ''] = numbered.split(' ');
        if (!isTelephone(contact)) tell(Number(line));
      }
    });
  }

  /** So many rows at once, so that other requests get their turn in between. */
  private async fetch<Row extends object>(
    { name, sql, rows: atOnce }: { readonly name: string; readonly sql: string; readonly rows: number },
    look: (row: Row) => void,
  ): Promise<void> {
    await this.tx.execute(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`);
    for (;;) {
      const rows = await this.tx.query<Row>(`FETCH ${String(atOnce)} FROM ${name}`);
      for (const row of rows) look(row);
      if (rows.length < atOnce) break;
    }
    await this.tx.execute(`CLOSE ${name}`);
  }

  /** How many rows there are and what they come to, in stroops: as large as a file makes it. */
  async totals(): Promise<{ readonly rows: number; readonly amount: bigint }> {
    const row = await this.tx.queryOne<{ rows: bigint; amount: string }>(
      `SELECT count(*) AS rows, coalesce(sum(amount), 0)::text AS amount FROM ${PUBLISH_TABLE}`,
    );
    return { rows: Number(row?.rows ?? 0n), amount: BigInt(row?.amount ?? 0) };
  }

  /** The people in pieces of so many, in the order of their contacts; a single piece of everybody when there are few. */
  async ranges(people: number): Promise<readonly ContactRange[]> {
    const rows = await this.tx.query<{ contact: string }>(
      `SELECT contact FROM (SELECT contact, row_number() OVER (ORDER BY contact) AS nth, count(*) OVER () AS all_of_them
                              FROM ${PUBLISH_TABLE}) numbered
        WHERE nth % $1 = 0 AND nth < all_of_them ORDER BY contact`,
      [people],
    );
    if (rows.length === 0) return [EVERYBODY];
    await this.tx.execute(`CREATE INDEX ON ${PUBLISH_TABLE} (contact)`);
    const bounds = [null, ...rows.map(({ contact }) => contact), null];
    return bounds.slice(1).map((upTo, index) => ({ after: bounds[index] ?? null, upTo }));
  }

  /** The lines in pieces of at most so many rows, in their order. */
  async lineRanges(rows: number): Promise<readonly LineRange[]> {
    const row = await this.tx.queryOne<{ last: number }>(
      `SELECT coalesce(max(line), 0) AS last FROM ${PUBLISH_TABLE}`,
    );
    const last = row?.last ?? 0;
    if (last <= rows) return [EVERY_LINE];
    await this.tx.execute(`CREATE INDEX ON ${PUBLISH_TABLE} (line)`);
    return Array.from({ length: Math.ceil(last / rows) }, (_, index) => ({
      after: index * rows,
      upTo: (index + 1) * rows,
    }));
  }
}

const EMPTY_CELLS = `\t${NULL}`.repeat(COLUMNS.length - 2);
const contactRowOf = (line: number, contact: string): string =>
  `${String(line)}\t${copied(contact)}${EMPTY_CELLS}\n`;
