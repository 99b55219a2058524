import { decodeEnvelope } from '../engine/envelope';
import type { LedgerHeader } from '../engine/ledger-header';
import type { StateChanges } from '../engine/ledger-state';
import type { ClosedLedger, ClosedTransaction } from '../engine/network';
import {
  readAccount,
  readData,
  readLine,
  storeAccount,
  storeData,
  storeLine,
  type Stored,
} from './entry-codec';
import { DamagedRecord, FieldReader } from './field-reader';

export const storeHeader = (header: LedgerHeader): Stored => [
  header.sequence,
  header.hash,
  header.previousHash,
  header.closeTime,
  String(header.totalCoins),
  String(header.feePool),
  String(header.baseFee),
  String(header.baseReserve),
  header.capacity,
  header.headerXdr,
];

export const readHeader = (fields: FieldReader): LedgerHeader => ({
  sequence: fields.whole(),
  hash: fields.text(),
  previousHash: fields.text(),
  closeTime: fields.whole(),
  totalCoins: fields.big(),
  feePool: fields.big(),
  baseFee: fields.big(),
  baseReserve: fields.big(),
  capacity: fields.whole(),
  headerXdr: fields.text(),
});

const storeTransaction = (closed: ClosedTransaction): Stored => [
  closed.transaction.raw.toString('base64'),
  closed.successful ? 1 : 0,
  String(closed.feeCharged),
  closed.resultXdr,
];

function readTransaction(fields: FieldReader, networkId: Buffer): ClosedTransaction {
  const transaction = decodeEnvelope(Buffer.from(fields.text(), 'base64'), networkId);
  if (transaction === null) throw new DamagedRecord('a stored envelope cannot be read');
  return {
    transaction,
    successful: fields.whole() === 1,
    feeCharged: fields.big(),
    resultXdr: fields.text(),
  };
}

const storeTable = <Entry>(
  table: ReadonlyMap<string, Entry | null>,
  store: (entry: Entry) => Stored,
): Stored => [...table].map(([key, entry]) => [key, entry === null ? null : store(entry)]);

const readTable = <Entry>(
  fields: FieldReader,
  read: (entry: FieldReader) => Entry,
): Map<string, Entry | null> =>
  new Map(fields.list((pair): [string, Entry | null] => [pair.text(), pair.optional(read)]));

/** One ledger on one line. */
export const storeLedger = ({ changes, header, transactions }: ClosedLedger): string =>
  JSON.stringify([
    storeHeader(header),
    transactions.map(storeTransaction),
    storeTable(changes.accounts, storeAccount),
    storeTable(changes.lines, storeLine),
    storeTable(changes.data, storeData),
  ]);

export function readLedger(text: string, networkId: Buffer): ClosedLedger {
  const fields = new FieldReader(JSON.parse(text));
  const header = fields.optional(readHeader);
  if (header === null) throw new DamagedRecord('a ledger has no header');
  return {
    header,
    transactions: fields.list((transaction) => readTransaction(transaction, networkId)),
    changes: readChanges(fields),
  };
}

/** Evaluated in the order in which they are stored. */
function readChanges(fields: FieldReader): StateChanges {
  return {
    accounts: readTable(fields, readAccount),
    lines: readTable(fields, readLine),
    data: readTable(fields, readData),
  };
}
