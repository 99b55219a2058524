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
  readonly select: string;
  readonly values: ExportValues;
}

/**
 * How a spreadsheet could begin to read a cell as a formula; also in the wide letters of East Asia. As code points: numbers are
 * compared much faster than texts, and this is asked four times per row.
 */
const FORMULA_STARTS = Array.from('=+-@\t\r\n＝＋－＠', (start) => String(start.codePointAt(0))).join(', ');

/**
 * A cell of free text: what could be a formula gets an apostrophe in front. Line breaks become single line feeds here and
 * CRLF on the way out, as RFC 4180 has them.
 */
export const freeText = (sql: string): string =>
  `(CASE WHEN ascii(${sql}) IN (${FORMULA_STARTS}) THEN '''' || translate(${sql}, E'\\r', '') ELSE translate(${sql}, E'\\r', '') END)`;

/** Stroops (bigint) as a decimal with seven digits. */
export const decimalOf = (stroops: string): string =>
  `((${stroops} / 10000000)::text || '.' || lpad((${stroops} % 10000000)::text, 7, '0'))`;

/** The same of a numeric without decimals: sums may be larger than a bigint. */
export const decimalOfSum = (stroops: string): string =>
  `(div(${stroops}, 10000000)::text || '.' || lpad(mod(${stroops}, 10000000)::text, 7, '0'))`;

export const momentOf = (sql: string): string =>
  `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The columns of a file, each with its SQL. */
export type ExportColumns = Readonly<Record<string, string>>;

export const selectOf = (columns: ExportColumns): string => Object.values(columns).join(',\n       ');
