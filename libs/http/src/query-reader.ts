import { HttpProblem } from './http-problem.errors';

export type SortDirection = 'asc' | 'desc';

export interface PageQuery {
  /** From 1. */
  readonly page: number;
  readonly pageLimit: number;
  readonly offset: number;
}

export interface CreatedBetween {
  /** The first moment that counts; null for no bound. */
  readonly from: string | null;
  /** The first moment that no longer counts: the day that the caller named is included. */
  readonly until: string | null;
}

export const PAGE_LIMIT_DEFAULT = 20;
const PAGE_LIMIT_MAX = 100;
const INTEGER = /^[+-]?[0-9]{1,15}$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const DAY_MS = 86_400_000;
/** PostgreSQL knows no year 0. */
const FIRST_DAY = Date.parse('0001-01-01T00:00:00Z');
/** The first moment whose year has five digits, which PostgreSQL does not read as JavaScript writes it. */
export const END_OF_DAYS = Date.parse('9999-12-31T00:00:00Z') + DAY_MS;
const TEXT_LENGTH_MAX = 512;

type RawQuery = Readonly<Record<string, unknown>>;

/** Reads a list's query, collects everything that is wrong with it, and says it all at once in `assertValid`. */
export class QueryReader {
  private readonly extras: Record<string, string> = {};

  constructor(private readonly query: RawQuery) {}

  /** The first value of a parameter, trimmed and cut at `lengthMax`; null when it is absent or empty. */
  text(name: string, lengthMax = TEXT_LENGTH_MAX): string | null {
    const raw = this.query[name];
    const value: unknown = Array.isArray(raw) ? raw[0] : raw;
    if (typeof value !== 'string') return null;
    // PostgreSQL cannot store a NUL, so nothing can match one.
    const text = value.replaceAll('\0', '').trim().slice(0, lengthMax);
    return text === '' ? null : text;
  }

  refuse(field: string, why: string): void {
    this.extras[field] ??= why;
  }

  page(): PageQuery {
    const page = this.positiveInteger('page', 1, Number.MAX_SAFE_INTEGER);
    const pageLimit = this.positiveInteger('page_limit', PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX);
    return { page, pageLimit, offset: (page - 1) * pageLimit };
  }

  sort<Field extends string>(fields: readonly Field[], fallback: Field): Field {
    const given = this.text('sort');
    if (given === null) return fallback;
    const field = fields.find((name) => name === given.toLowerCase());
    if (field === undefined) this.refuse('sort', 'invalid sort field name');
    return field ?? fallback;
  }

  direction(fallback: SortDirection): SortDirection {
    const given = this.text('direction')?.toLowerCase();
    if (given === undefined) return fallback;
    if (given === 'asc' || given === 'desc') return given;
    this.refuse('direction', "invalid sort order. valid values are 'asc' and 'desc'");
    return fallback;
  }

  createdBetween(): CreatedBetween {
    const after = this.day('created_at_after');
    const before = this.day('created_at_before');
    if (after !== null && before !== null && after > before) {
      this.refuse('created_at_after', 'created_at_after must be before created_at_before');
    }
    const until = before === null ? END_OF_DAYS : before + DAY_MS;
    return {
      from: after === null ? null : new Date(after).toISOString(),
      until: until < END_OF_DAYS ? new Date(until).toISOString() : null,
    };
  }

  /** One of a closed list, without regard to case; null when absent. */
  oneOf<Value extends string>(name: string, values: readonly Value[], refusal: string): Value | null {
    const given = this.text(name);
    if (given === null) return null;
    const value = values.find((known) => known.toLowerCase() === given.toLowerCase());
    if (value === undefined) this.refuse(name, refusal);
    return value ?? null;
  }

  /** Throws a 400 that names every bad parameter. */
  assertValid(error = 'request invalid'): void {
    if (Object.keys(this.extras).length > 0) throw new HttpProblem(400, { error, extras: this.extras });
  }

  private positiveInteger(name: string, fallback: number, max: number): number {
    const given = this.text(name);
    if (given === null) return fallback;
    if (!INTEGER.test(given)) {
      this.refuse(name, 'parameter must be an integer');
      return fallback;
    }
    const value = Number(given);
    if (value <= 0) this.refuse(name, 'parameter must be a positive integer');
    else if (value > max) this.refuse(name, `parameter must be less than or equal to ${String(max)}`);
    else return value;
    return fallback;
  }

  /** Midnight (UTC) at the start of the named day, in milliseconds since 1970. */
  private day(name: string): number | null {
    const given = this.text(name);
    if (given === null) return null;
    const start = DAY.test(given) ? Date.parse(`${given}T00:00:00Z`) : Number.NaN;
    // Date.parse accepts the 31st of February; writing it back shows the difference.
    if (start >= FIRST_DAY && new Date(start).toISOString().startsWith(given)) return start;
    this.refuse(name, "invalid date format. valid format is 'YYYY-MM-DD'");
    return null;
  }
}
