import { createHash } from 'node:crypto';

import { accountAddressOf } from '@libs/ledger';

/** A file of people for the benchmarks. No real persons: names are numbers, and so are the numbers. */
export interface PeopleFile {
  readonly content: string;
  readonly rows: number;
  /** In stroops. */
  readonly total: bigint;
}

const STROOPS_PER_UNIT = 10_000_000n;
/** Kenyan mobile numbers: all of them are well formed. */
const FIRST_NUMBER = 254_710_000_000;
const DAYS = 28;

/** `count` people whom no other file has, when `from` is the sum of the counts before. */
export function peopleFile(count: number, from: number): PeopleFile {
  let total = 0n;
  const rows = Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const stroops = 10n * STROOPS_PER_UNIT + BigInt(number % 9_999_991);
    total += stroops;
    const digits = stroops.toString().padStart(8, '0');
    const amount = `${digits.slice(0, -7)}.${digits.slice(-7)}`;
    const year = String(1950 + (number % 55));
    const month = String(1 + (number % 12)).padStart(2, '0');
    const day = String(1 + (number % DAYS)).padStart(2, '0');
    return `+${String(FIRST_NUMBER + number)},P-${String(number)},${amount},${year}-${month}-${day},PAY-${String(number)}`;
  });
  const content = ['phone,id,amount,verification,paymentID', ...rows, ''].join('\n');
  return { content, rows: count, total };
}

/** The same people with an address each, in the place of their verification values. Nobody has the keys of these accounts. */
export function withAddresses(content: string): string {
  const [, ...rows] = content.trimEnd().split('\n');
  const lines = rows.map((row) => {
    const [phone = '', id = '', amount = '', , paymentId = ''] = row.split(',');
    const address = accountAddressOf(createHash('sha256').update(phone).digest());
    return [phone, id, amount, address, paymentId].join(',');
  });
  return ['phone,id,amount,walletAddress,paymentID', ...lines, ''].join('\n');
}
