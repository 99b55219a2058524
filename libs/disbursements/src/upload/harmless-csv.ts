import type { Separator } from './file-format';

/** How a spreadsheet could begin to read a cell as a formula; also in the wide letters of East Asia. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;
/** A telephone number or an amount: signs that no formula can come of. */
const NUMBER = /^[+-]?[0-9]+(?:\.[0-9]+)?$/;

/** A line of a table (RFC 4180, its end included) in which no cell is run as a formula: such a cell gets an apostrophe in front. */
export const harmlessLine = (cells: readonly string[], separator: Separator): string =>
  `${cells.map((cell) => quoted(harmless(cell), separator)).join(separator)}\r\n`;

const harmless = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);

const quoted = (text: string, separator: Separator): string =>
  /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
