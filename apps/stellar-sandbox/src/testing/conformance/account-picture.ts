import { parseAmount } from '@libs/kernel';

import { at, isRecord, type LedgerClient, textOf } from '../ledger-client';

/** What the corpus compares of an account; null where there is none. */
export interface AccountPicture {
  readonly sequence: bigint;
  readonly subentries: number;
  /** Stroops by asset code; `XLM` is native. */
  readonly balances: ReadonlyMap<string, bigint>;
}

export const stroops = (text: unknown): bigint => {
  const parsed = parseAmount(String(text));
  // Zero is no amount to pay, but it is a balance.
  return parsed.ok ? parsed.value : 0n;
};

export async function pictureOf(client: LedgerClient, account: string): Promise<AccountPicture | null> {
  const { json, status } = await client.get(`/accounts/${account}`);
  if (status === 404) return null;
  const listed = json['balances'];
  const balances = new Map<string, bigint>();
  for (const balance of Array.isArray(listed) ? listed : []) {
    balances.set(textOf(at(balance, 'asset_code')) || 'XLM', stroops(at(balance, 'balance')));
  }
  return { sequence: BigInt(String(json['sequence'])), subentries: Number(json['subentry_count']), balances };
}

/** A change as a comparable text: `+3`, `-100`, or an asset that came or went. */
const difference = (before: bigint | null, after: bigint | null): string => {
  if (before === null || after === null) return `${String(before)} → ${String(after)}`;
  return String(after - before);
};

type Changes = Record<string, string>;

/** How an account changed, in the terms of `recordedChanges`. */
export function changesOf(before: AccountPicture | null, after: AccountPicture | null): Changes {
  if (before === null && after === null) return { account: 'absent' };
  if (before === null || after === null) {
    const one = before ?? after;
    const balance = before === null ? ` ${String(one?.balances.get('XLM'))}` : '';
    return { account: `${before === null ? 'created' : 'removed'} ${String(one?.subentries)}${balance}` };
  }
  const changes: Changes = {};
  if (before.sequence !== after.sequence) changes['seq'] = difference(before.sequence, after.sequence);
  if (before.subentries !== after.subentries) {
    changes['sub'] = difference(BigInt(before.subentries), BigInt(after.subentries));
  }
  for (const code of new Set([...before.balances.keys(), ...after.balances.keys()])) {
    const [one, other] = [before.balances.get(code) ?? null, after.balances.get(code) ?? null];
    if (one !== other) changes[code] = difference(one, other);
  }
  return changes;
}

function recordedValue(name: string, value: unknown): bigint | null {
  if (value === null) return null;
  return name === 'seq' || name === 'sub' ? BigInt(textOf(value)) : stroops(value);
}

/** The recorded effects on one account, without the numbers that belong to the recorded network alone. */
export function recordedChanges(effects: unknown): Changes {
  if (effects === 'absent') return { account: 'absent' };
  if (!isRecord(effects)) return {};
  for (const kind of ['created', 'removed'] as const) {
    const account = effects[kind];
    if (!isRecord(account)) continue;
    const balance = kind === 'created' ? ` ${String(stroops(account['XLM']))}` : '';
    return { account: `${kind} ${String(account['sub'])}${balance}` };
  }
  const changes: Changes = {};
  for (const [name, pair] of Object.entries(effects)) {
    const [before, after] = [recordedValue(name, at(pair, 0)), recordedValue(name, at(pair, 1))];
    changes[name] = difference(before, after);
  }
  return changes;
}
