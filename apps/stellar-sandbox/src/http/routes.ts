import { StrKey } from '@stellar/stellar-sdk';

import type { History, LedgerRecord, OperationRef, TransactionRecord } from '../history/history';
import { operationOfRef, refOf, transactionOfRef } from '../history/history';
import { ledgerToken, tokenAfterLedger, tokenOf } from '../history/tokens';
import { operationToken, operationView } from './operation-view';
import { pageOf, type Paging, type Source } from './paging';
import { badRequest, beforeHistory, notFound } from './problems';
import { type Json, ledgerView, transactionView } from './views';

/** One list of the API: what is in it and how an item looks. Pages and streams are both made of it. */
export interface Collection {
  readonly page: (paging: Paging) => readonly CollectionItem[];
}

export interface CollectionItem {
  readonly token: string;
  readonly json: Json;
}

interface ListContext {
  readonly history: History;
  readonly base: string;
  readonly includeFailed: boolean;
}

export function accountIdOf(text: string): string {
  if (!StrKey.isValidEd25519PublicKey(text)) {
    throw badRequest('account_id', 'Account ID must start with `G` and contain 56 alphanum characters');
  }
  return text;
}

export function hashOf(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw badRequest('tx_id', 'Transaction hash must be a hex-encoded, lowercase SHA-256 hash');
  }
  return text;
}

export function ledgerOf(text: string, history: History): LedgerRecord {
  if (!/^[0-9]{1,10}$/.test(text)) throw badRequest('ledger_id', 'unparseable value');
  const sequence = Number(text);
  const first = history.ledgers[0]?.header.sequence ?? 1;
  if (sequence > 0 && sequence < first) throw beforeHistory();
  const record = history.ledger(sequence);
  if (record === undefined) throw notFound();
  return record;
}

export const ledgersCollection = ({ base, history }: ListContext): Collection => {
  const source: Source<LedgerRecord> = {
    get length() {
      return history.ledgers.length;
    },
    at: (index) => history.ledgers[index],
    token: ({ header }) => ledgerToken(header.sequence),
    wanted: () => true,
  };
  return {
    page: (paging) =>
      pageOf(source, paging).map((record) => ({
        token: String(ledgerToken(record.header.sequence)),
        json: ledgerView(record, base),
      })),
  };
};

const transactionToken = ({ ledger, order }: TransactionRecord): bigint =>
  tokenOf({ ledger, order, operation: 0 });

/** The ledger transactions with these indexes, or all of them. */
export const transactionsCollection = (
  { base, history, includeFailed }: ListContext,
  indexes: (() => readonly number[]) | null,
): Collection => {
  const source: Source<TransactionRecord> = {
    get length() {
      return (indexes?.() ?? history.transactions).length;
    },
    at: (index) => history.transactions[indexes === null ? index : (indexes()[index] ?? -1)],
    token: transactionToken,
    wanted: (record) => includeFailed || record.successful,
  };
  return {
    page: (paging) =>
      pageOf(source, paging).map((record) => ({
        token: String(transactionToken(record)),
        json: transactionView(record, { history, base }),
      })),
  };
};

export const operationsCollection = (
  { base, history, includeFailed }: ListContext,
  refs: () => readonly OperationRef[],
): Collection => {
  const source: Source<OperationRef> = {
    get length() {
      return refs().length;
    },
    at: (index) => refs()[index],
    token: (ref) => operationToken(history, ref),
    wanted: (ref) => includeFailed || history.transactions[transactionOfRef(ref)]?.successful === true,
  };
  return {
    page: (paging) =>
      pageOf(source, paging).map((ref) => ({
        token: String(operationToken(history, ref)),
        json: operationView(ref, history, base),
      })),
  };
};

/** The operations of a run of ledger transactions. */
export function refsBetween(history: History, from: number, to: number): OperationRef[] {
  return history.transactions
    .slice(from, to)
    .flatMap((record, index) =>
      history.decode(record).inner.operations.map((_, operation) => refOf(from + index, operation)),
    );
}

export const firstTransactionAfter = (history: History, { header }: LedgerRecord): number =>
  history.ledger(header.sequence + 1)?.firstAt ?? history.transactions.length;

/** One operation by its id. What lies before the first ledger is gone, not missing. */
export function operationById(text: string, history: History, base: string): Json {
  if (!/^[0-9]{1,19}$/.test(text)) throw badRequest('id', 'unparseable value');
  const id = BigInt(text);
  const first = history.ledgers[0]?.header.sequence ?? 1;
  if (id < ledgerToken(first)) throw beforeHistory();
  const record = history.ledger(Number(id >> 32n));
  const order = Number((id >> 12n) & 0xfffffn);
  const at = record === undefined ? -1 : record.firstAt + order - 1;
  const transaction = history.transactions[at];
  const ref = refOf(at, Number(id & 0xfffn) - 1);
  const exists =
    transaction !== undefined &&
    operationOfRef(ref) < history.decode(transaction).inner.operations.length &&
    operationToken(history, ref) === id;
  if (!exists) throw notFound();
  return operationView(ref, history, base);
}

export const now = (history: History): bigint => tokenAfterLedger(history.latestSequence);
