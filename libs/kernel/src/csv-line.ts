/** With these a spreadsheet begins to read a cell as a formula; also in the wide letters of East Asia. */
export const FORMULA_STARTS = '=+-@\t\r\n＝＋－＠';
/** A telephone number or an amount: signs that no formula can come of. */
const NUMBER = /^[+-]?[0-9]+(?:\.[0-9]+)?$/;

/** A line of a table (RFC 4180, its end included) in which no cell is run as a formula: such a cell gets an apostrophe in front. */
export const csvLine = (cells: readonly string[], separator = ','): string =>
  `${cells.map((cell) => quoted(harmless(cell), separator)).join(separator)}\r\n`;

const harmless = (text: string): string =>
  text !== '' && FORMULA_STARTS.includes(text.charAt(0)) && !NUMBER.test(text) ? `'${text}` : text;

const quoted = (text: string, separator: string): string =>
  /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
