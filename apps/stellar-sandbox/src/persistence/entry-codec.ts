import type { AccountEntry, DataEntry, TrustLineEntry } from '../engine/entries';
import type { FieldReader } from './field-reader';

/** A record as it is stored: JSON lists, with amounts and sequence numbers as text. */
export type Stored = readonly unknown[];

export const storeAccount = (account: AccountEntry): Stored => [
  account.id,
  String(account.balance),
  String(account.sequence),
  account.sequenceLedger,
  account.sequenceTime,
  account.subentries,
  account.flags,
  account.homeDomain,
  account.inflationDestination,
  [account.thresholds.master, account.thresholds.low, account.thresholds.medium, account.thresholds.high],
  account.signers.map(({ key, sponsor, weight }) => [key, weight, sponsor]),
  account.sponsoring,
  account.sponsored,
  account.sponsor,
  account.modified,
];

function thresholdsOf(fields: FieldReader | null): AccountEntry['thresholds'] {
  if (fields === null) return { master: 1, low: 0, medium: 0, high: 0 };
  return { master: fields.whole(), low: fields.whole(), medium: fields.whole(), high: fields.whole() };
}

export const readAccount = (fields: FieldReader): AccountEntry => ({
  id: fields.text(),
  balance: fields.big(),
  sequence: fields.big(),
  sequenceLedger: fields.whole(),
  sequenceTime: fields.whole(),
  subentries: fields.whole(),
  flags: fields.whole(),
  homeDomain: fields.text(),
  inflationDestination: fields.optionalText(),
  thresholds: thresholdsOf(fields.optional((inner) => inner)),
  signers: fields.list((signer) => ({
    key: signer.text(),
    weight: signer.whole(),
    sponsor: signer.optionalText(),
  })),
  sponsoring: fields.whole(),
  sponsored: fields.whole(),
  sponsor: fields.optionalText(),
  modified: fields.whole(),
});

export const storeLine = (line: TrustLineEntry): Stored => [
  line.account,
  line.code,
  line.issuer,
  String(line.balance),
  String(line.limit),
  line.flags,
  line.sponsor,
  line.modified,
];

export const readLine = (fields: FieldReader): TrustLineEntry => ({
  account: fields.text(),
  code: fields.text(),
  issuer: fields.text(),
  balance: fields.big(),
  limit: fields.big(),
  flags: fields.whole(),
  sponsor: fields.optionalText(),
  modified: fields.whole(),
});

export const storeData = (entry: DataEntry): Stored => [
  entry.account,
  entry.name,
  entry.value,
  entry.sponsor,
  entry.modified,
];

export const readData = (fields: FieldReader): DataEntry => ({
  account: fields.text(),
  name: fields.text(),
  value: fields.text(),
  sponsor: fields.optionalText(),
  modified: fields.whole(),
});
