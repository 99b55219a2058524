import { formatAmount, XLM } from '@libs/kernel';
import { type AccountKey, type LedgerAccount, type LedgerReader, spendable } from '@libs/ledger';

import { KeyRotationError } from './key-rotation.errors';

export interface KeyReplacement {
  readonly account: string;
  readonly oldKey: string;
  readonly newKey: string;
}

const weightOf = (account: LedgerAccount, key: string): number =>
  account.signers.find((one) => one.key === key)?.weight ?? 0;

/** Whether this key alone can do everything with the account. */
export const hasFullPower = (account: LedgerAccount, key: string): boolean =>
  weightOf(account, key) >= Math.max(1, account.thresholds.high);

/** Whether this key alone can send money of the account. */
export const canPayWith = (account: LedgerAccount, key: string): boolean =>
  weightOf(account, key) >= Math.max(1, account.thresholds.medium);

/** As a node that has seen the newest ledger says. Throws `KeyRotationError` when there is no such account. */
async function read(reader: LedgerReader, address: string): Promise<LedgerAccount> {
  const { sequence: notBefore } = await reader.latestLedger();
  const account = await reader.account(address, { notBefore });
  if (account === null) throw new KeyRotationError(`the ledger has no account ${address}`);
  return account;
}

/** Whether the ledger knows the new key and no longer the old one. Throws `KeyRotationError` when it knows neither. */
export async function isReplaced(
  reader: LedgerReader,
  { account, oldKey, newKey }: KeyReplacement,
): Promise<boolean> {
  const seen = await read(reader, account);
  if (hasFullPower(seen, newKey)) return !hasFullPower(seen, oldKey);
  if (hasFullPower(seen, oldKey)) return false;
  throw new KeyRotationError(
    `neither the old nor the new key has full power over ${account}: somebody else changed its signers`,
  );
}

/** Throws `KeyRotationError` when the old key cannot give its power to the new one. */
export async function assertReplaceable(
  reader: LedgerReader,
  { account, key }: AccountKey,
  newKey: string,
): Promise<void> {
  const seen = await read(reader, account);
  // A restored database may know less than the ledger: then the key was replaced before.
  if (hasFullPower(seen, newKey) && !hasFullPower(seen, key)) return;
  if (!hasFullPower(seen, key)) {
    throw new KeyRotationError(
      `the key that we have cannot change the signers of ${account}: its weight is below the account's high threshold`,
    );
  }
  const { baseReserve } = await reader.latestLedger();
  if (spendable(seen, XLM, baseReserve) < baseReserve) {
    throw new KeyRotationError(
      `${account} needs ${formatAmount(baseReserve)} XLM more: the ledger locks that much for a further signer`,
    );
  }
}
