import { FORMULA_STARTS } from '@libs/kernel';

/** A filter of an export: COPY takes no parameters, so its values travel as settings of the database transaction. */
export class ExportValues {
  private readonly values: string[] = [];

  /** SQL that stands for the value. */
  at(value: string, type: 'text' | 'timestamptz' | 'uuid' = 'text'): string {
    const place = this.values.push(value);
    return `current_setting('${nameOf(place)}')::${type}`;
  }

  /** By name, for `set_config`. */
  entries(): readonly (readonly [string, string])[] {
    return this.values.map((value, index) => [nameOf(index + 1), value]);
  }
}

const nameOf = (place: number): string => `distributary.export_${String(place)}`;

/** What COPY runs. */
export interface ExportQuery {
  /** The first line of the file. */
  readonly header: readonly string[];
  readonly values: ExportValues;
  /** All rows in one statement, or some thousands at a time. */
  readonly rows: string | RowsInBatches;
}

/** Rows from one place of their order to the next: what belongs to them is then looked up together instead of for each. */
export interface RowsInBatches {
  readonly direction: 'asc' | 'desc';
  /** The place (`at`, `id`) of the row `$3` rows behind the place `$1`, `$2`, from an index alone. No row when there are fewer. */
  readonly place: string;
  /** The rows behind the place `AFTER`, up to the place `UNTIL` and with it. */
  readonly select: string;
}

/** The settings that say where a batch begins and ends: a moment and an id each. */
export const AFTER = ['distributary.export_after', 'distributary.export_after_id'] as const;
export const UNTIL = ['distributary.export_until', 'distributary.export_until_id'] as const;

/** SQL that a row is in the batch. */
export function isInBatch(alias: string, sort: string, direction: 'asc' | 'desc'): string {
  const [behind, notBehind] = direction === 'asc' ? ['>', '<='] : ['<', '>='];
  const place = ([at, id]: readonly [string, string]): string =>
    `(current_setting('${at}')::timestamptz, current_setting('${id}')::uuid)`;
  const row = `(${alias}.${sort}, ${alias}.id)`;
  return `${row} ${behind} ${place(AFTER)} AND ${row} ${notBehind} ${place(UNTIL)}`;
}

/** As code points: numbers are compared much faster than texts, and this is asked four times per row. */
const STARTS = Array.from(FORMULA_STARTS, (start) => String(start.codePointAt(0))).join(', ');
/** At one of these a spreadsheet parts a cell that expects another separator than the comma. */
const PARTS = [`';'`, String.raw`E'\t'`, String.raw`E'\n'`];
const FORMULA = String.raw`$re$([;\t\n]"*)(?=[${FORMULA_STARTS.replace('-', String.raw`\-`)}])$re$`;

/**
 * A cell of free text: what could begin a formula gets an apostrophe in front, as in `csvLine`. Line breaks become single line feeds
 * here and CRLF on the way out, as RFC 4180 has them.
 */
export function freeText(sql: string): string {
  const text = String.raw`translate(${sql}, E'\r', '')`;
  const isParted = PARTS.map((part) => `strpos(${sql}, ${part}) > 0`).join(' OR ');
  const cell = String.raw`CASE WHEN ${isParted} THEN regexp_replace(${text}, ${FORMULA}, $to$\1'$to$, 'g') ELSE ${text} END`;
  return `(CASE WHEN ascii(${sql}) IN (${STARTS}) THEN '''' ELSE '' END || ${cell})`;
}

/** Stroops (bigint) as a decimal with seven digits. */
export const decimalOf = (stroops: string): string =>
  `((${stroops} / 10000000)::text || '.' || lpad((${stroops} % 10000000)::text, 7, '0'))`;

/** The same of a numeric without decimals: sums may be larger than a bigint. */
export const decimalOfSum = (stroops: string): string =>
  `(div(${stroops}, 10000000)::text || '.' || lpad(mod(${stroops}, 10000000)::text, 7, '0'))`;

/** The columns of a file, each with its SQL. */
export type ExportColumns = Readonly<Record<string, string>>;

export const selectOf = (columns: ExportColumns): string => Object.values(columns).join(',\n       ');
