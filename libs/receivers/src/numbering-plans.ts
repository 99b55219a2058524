import metadata from 'libphonenumber-js/max/metadata';

/** Of a country that has its calling code alone. */
interface NumberingPlan {
  readonly any: RegExp;
  /** What may stand before a number when it is dialled inside the country; null where nothing may. */
  readonly prefix: RegExp | null;
  readonly kinds: readonly { readonly pattern: RegExp; readonly lengths: readonly number[] | null }[];
}

/** The layout of the library's tables that is read here. */
const LAYOUT = 4;
const [PATTERN, LENGTHS, PREFIX, PREFIX_TO_READ, KINDS] = [2, 3, 5, 7, 11] as const;
const CALLING_CODE_DIGITS_MAX = 3;

let plans: ReadonlyMap<string, NumberingPlan> | null = null;

/**
 * Whether the number is certainly one that a telephone can have, by the tables of libphonenumber: for countries with a calling
 * code of their own, and numbers that nothing has to be taken off. False says nothing: ask the library then, which compiles
 * its patterns anew for each number and so takes ten times as long.
 */
export function isSurelyTelephone(number: string): boolean {
  plans ??= readPlans();
  for (let digits = 1; digits <= CALLING_CODE_DIGITS_MAX; digits += 1) {
    const plan = plans.get(number.slice(1, 1 + digits));
    if (plan !== undefined) return fits(plan, number.slice(1 + digits));
  }
  return false;
}

const fits = ({ any, prefix, kinds }: NumberingPlan, national: string): boolean =>
  prefix?.test(national) !== true &&
  kinds.some(
    ({ pattern, lengths }) => lengths?.includes(national.length) !== false && pattern.test(national),
  ) &&
  any.test(national);

function readPlans(): ReadonlyMap<string, NumberingPlan> {
  const found = new Map<string, NumberingPlan>();
  if (metadata.version !== LAYOUT) return found;
  const rows = new Map<string, readonly unknown[]>(Object.entries(metadata.countries));
  for (const [code, [country = '', ...others]] of Object.entries(metadata.country_calling_codes)) {
    const row = others.length > 0 ? undefined : rows.get(country);
    if (row !== undefined) found.set(code, planOf(row));
  }
  return found;
}

function planOf(row: readonly unknown[]): NumberingPlan {
  const prefix =
    row[PREFIX_TO_READ] === 0 || row[PREFIX_TO_READ] === undefined ? row[PREFIX] : row[PREFIX_TO_READ];
  const kinds = Array.isArray(row[KINDS]) ? row[KINDS].filter((kind) => Array.isArray(kind)) : [];
  return {
    any: whole(row[PATTERN]),
    prefix: typeof prefix === 'string' ? new RegExp(`^(?:${prefix})`) : null,
    kinds: kinds
      .filter(([pattern]: readonly unknown[]) => typeof pattern === 'string' && pattern !== '')
      .map(([pattern, lengths]: readonly unknown[]) => ({
        pattern: whole(pattern),
        lengths: lengthsOf(lengths) ?? lengthsOf(row[LENGTHS]),
      })),
  };
}

const whole = (pattern: unknown): RegExp => new RegExp(`^(?:${String(pattern)})$`);

const lengthsOf = (lengths: unknown): readonly number[] | null =>
  Array.isArray(lengths) ? lengths.filter((length) => typeof length === 'number') : null;
