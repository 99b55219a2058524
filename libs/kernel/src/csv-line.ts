/** With these a spreadsheet begins to read a cell as a formula; also in the wide letters of East Asia. */
export const FORMULA_STARTS = '=+-@\t\r\n＝＋－＠';
/** A telephone number or an amount: signs that no formula can come of. */
const NUMBER = /^[+-]?[0-9]+(?:\.[0-9]+)?$/;

/**
 * A line of a table (RFC 4180, its end included) in which no cell is run as a formula: what could begin one gets an apostrophe in front,
 * also behind a sign at which a spreadsheet that expects another separator would part the cell.
 */
export const csvLine = (cells: readonly string[], separator = ','): string =>
  `${cells.map((cell) => quoted(harmless(cell, separator), separator)).join(separator)}\r\n`;

/** A quote in front of a formula may belong to the cell or to its form. */
const FORMULA = new RegExp(`(^|[,;\\t\\r\\n])(["' ]*)(?=[${FORMULA_STARTS.replace('-', '\\-')}])`, 'g');

function harmless(text: string, separator: string): string {
  if (NUMBER.test(text)) return text;
  return text.replace(FORMULA, (found, parted: string) => (parted === separator ? found : `${found}'`));
}

const quoted = (text: string, separator: string): string =>
  /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
