import type { LedgerAsset, LedgerClient } from './ledger-client';
import type { LedgerWatch } from './ledger-watch';
import type { Recipient } from './recipient';
import { Turnstile } from './turnstile';

const LOOKING_AT_ONCE = 48;

/** What the file, the platform and the ledger say about the same money. Amounts in stroops. */
export interface Verdict {
  readonly inFile: bigint;
  /** What the platform says it has paid. */
  readonly inPayments: bigint;
  /** The payments of the distribution account on the ledger. */
  readonly onLedger: bigint;
  /** How much richer the people's accounts are. */
  readonly received: bigint;
  readonly confirmedOnLedger: number;
  /** People that got more than one payment, or another amount than the file says. */
  readonly doublePaid: number;
  readonly wrongAmount: number;
  readonly sumsEqual: boolean;
}

export type Balances = ReadonlyMap<string, bigint>;

export async function balancesOf(
  recipients: readonly Recipient[],
  ledger: LedgerClient,
  asset: LedgerAsset,
): Promise<Balances> {
  const door = new Turnstile(LOOKING_AT_ONCE);
  const entries = await Promise.all(
    recipients.map(({ key: { address } }) =>
      door.pass(async () => [address, (await ledger.balance(address, asset)) ?? 0n] as const),
    ),
  );
  return new Map(entries);
}

export interface Evidence {
  readonly recipients: readonly Recipient[];
  readonly watch: LedgerWatch;
  readonly before: Balances;
  readonly after: Balances;
  readonly inPayments: bigint;
}

export function judge({ recipients, watch, before, after, inPayments }: Evidence): Verdict {
  const inFile = recipients.reduce((sum, { person }) => sum + person.amount, 0n);
  const received = recipients.reduce(
    (sum, { key: { address } }) => sum + (after.get(address) ?? 0n) - (before.get(address) ?? 0n),
    0n,
  );
  const paid = recipients.map((recipient) => ({ recipient, receipts: watch.of(recipient.key.address) }));
  return {
    inFile,
    inPayments,
    onLedger: watch.sum,
    received,
    confirmedOnLedger: paid.filter(({ receipts }) => receipts.count > 0).length,
    doublePaid: paid.filter(({ receipts }) => receipts.count > 1).length,
    wrongAmount: paid.filter(({ recipient, receipts }) => receipts.sum !== recipient.person.amount).length,
    sumsEqual: [inPayments, watch.sum, received].every((sum) => sum === inFile),
  };
}
