import { createHash } from 'node:crypto';

import { invariant } from '@libs/kernel';

import { AREA_CODES } from './area-codes';
import { FAMILY_NAMES, GIVEN_NAMES } from './names';
import type { Person } from './person';

export const DEFAULT_SEED = 'distributary';

const FIRST_LINE_FOR_FICTION = 100;
const LINES_FOR_FICTION = 100;
const LAST_LINE = 9_999;
/** Numbers of 555 that somebody answers: directory assistance. */
const ANSWERED_LINES = new Set([1212, 4334]);

/** How many different phone numbers there are, and so how many people can be made. */
export const PEOPLE_MAX = AREA_CODES.length * (LAST_LINE - FIRST_LINE_FOR_FICTION + 1 - ANSWERED_LINES.size);

export interface Crowd {
  readonly count: number;
  /** The number of the first person, from 1. */
  readonly first?: number;
  readonly seed?: string;
}

/** People that nobody is. The same seed and number always give the same person, whatever the count. */
export function generatePeople({ count, first = 1, seed = DEFAULT_SEED }: Crowd): Person[] {
  invariant(first >= 1 && count >= 0 && first - 1 + count <= PEOPLE_MAX, 'there are not that many people');
  return Array.from({ length: count }, (_, index) => personOf(first + index, seed));
}

function personOf(number: number, seed: string): Person {
  const dice = diceOf(`${seed}|${number}`);
  const given = GIVEN_NAMES[dice(GIVEN_NAMES.length)] ?? '';
  const family = FAMILY_NAMES[dice(FAMILY_NAMES.length)] ?? '';
  const label = String(number).padStart(6, '0');
  return {
    number,
    name: `${given} ${family}`,
    phone: phoneOf(number - 1),
    id: `P-${label}`,
    dateOfBirth: dateOf(dice),
    amount: amountFrom(dice),
    paymentId: `PAY-${label}`,
  };
}

/** Numbers from 0 to below the bound, taken from a digest: no clock and no shared state, so a person never changes. */
function diceOf(seed: string): (bound: number) => number {
  const digest = createHash('sha256').update(seed).digest();
  let offset = 0;
  return (bound) => {
    invariant(offset + 4 <= digest.length, 'one digest holds eight throws');
    const thrown = digest.readUInt32BE(offset) % bound;
    offset += 4;
    return thrown;
  };
}

/** The 555-0100…0199 of every area code first, which are kept for fiction, then other numbers that nobody answers. */
function phoneOf(index: number): string {
  const area = AREA_CODES[index % AREA_CODES.length] ?? '';
  let line = FIRST_LINE_FOR_FICTION + Math.floor(index / AREA_CODES.length);
  if (line >= FIRST_LINE_FOR_FICTION + LINES_FOR_FICTION) {
    for (const answered of [...ANSWERED_LINES].sort((a, b) => a - b)) if (line >= answered) line += 1;
  }
  return `+1${area}555${String(line).padStart(4, '0')}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Every month has 28 days. */
function dateOf(dice: (bound: number) => number): string {
  return `${1945 + dice(60)}-${twoDigits(1 + dice(12))}-${twoDigits(1 + dice(28))}`;
}

/** From 5 to 120 units; one in four with all seven decimals, so that a sum that loses a stroop is noticed. */
function amountFrom(dice: (bound: number) => number): bigint {
  const cents = 500n + BigInt(dice(11_500));
  const stroops = BigInt(dice(100_000));
  return cents * 100_000n + (dice(4) === 0 ? stroops : 0n);
}
