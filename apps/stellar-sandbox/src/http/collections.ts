import { StrKey } from '@stellar/stellar-sdk';

import type { History, LedgerRecord, OperationRef, TransactionRecord } from '../history/history';
import { operationOfRef, refOf, transactionOfRef } from '../history/history';
import { isPayment } from '../history/participants';
import { ledgerToken, tokenAfterLedger, tokenOf } from '../history/tokens';
import type { Window } from '../history/window';
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
  /** Whether each operation brings its ledger transaction with it. */
  readonly joinTransactions: boolean;
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
  const first = history.ledgers.first;
  if (sequence > 0 && sequence < first) throw beforeHistory();
  const record = history.ledger(sequence);
  if (record === undefined) throw notFound();
  return record;
}

type ListName = 'transactions' | 'operations' | 'payments';

/** Items of a list by their indexes in it. Looked up for each page, since a stream outlives many ledgers. */
interface Items {
  readonly first: number;
  readonly end: number;
  readonly at: (index: number) => number | undefined;
}

const itemsOf = (list: readonly number[]): Items => ({
  first: 0,
  end: list.length,
  at: (index) => list[index],
});

export const ledgersCollection = ({ base, history: { ledgers } }: ListContext): Collection => ({
  page: (paging) => {
    const source: Source<LedgerRecord> = {
      first: ledgers.first,
      end: ledgers.end,
      at: (sequence) => ledgers.at(sequence),
      token: ({ header }) => ledgerToken(header.sequence),
      wanted: () => true,
    };
    return pageOf(source, paging).map((record) => ({
      token: String(ledgerToken(record.header.sequence)),
      json: ledgerView(record, base),
    }));
  },
});

const transactionToken = ({ ledger, order }: TransactionRecord): bigint =>
  tokenOf({ ledger, order, operation: 0 });

function transactionsPage(context: ListContext, items: Items, paging: Paging): CollectionItem[] {
  const { base, history, includeFailed } = context;
  const source: Source<TransactionRecord> = {
    first: items.first,
    end: items.end,
    at: (index) => {
      const at = items.at(index);
      return at === undefined ? undefined : history.transactions.at(at);
    },
    token: transactionToken,
    wanted: (record) => includeFailed || record.successful,
  };
  return pageOf(source, paging).map((record) => ({
    token: String(transactionToken(record)),
    json: transactionView(record, { history, base }),
  }));
}

function operationsPage(context: ListContext, items: Items, paging: Paging): CollectionItem[] {
  const { history, includeFailed } = context;
  const source: Source<OperationRef> = {
    first: items.first,
    end: items.end,
    at: items.at,
    token: (ref) => operationToken(history, ref),
    wanted: (ref) => includeFailed || history.transactions.at(transactionOfRef(ref))?.successful === true,
  };
  return pageOf(source, paging).map((ref) => ({
    token: String(operationToken(history, ref)),
    json: operationView(ref, context),
  }));
}

const windowItems = (window: Window<number>): Items => ({
  first: window.first,
  end: window.end,
  at: (index) => window.at(index),
});

/** Everything of one kind in the history. */
export const wholeCollection = (context: ListContext, list: ListName): Collection => {
  const { history } = context;
  if (list === 'transactions') {
    const { transactions } = history;
    return {
      page: (paging) =>
        transactionsPage(
          context,
          { first: transactions.first, end: transactions.end, at: (index) => index },
          paging,
        ),
    };
  }
  const refs = list === 'payments' ? history.payments : history.operations;
  return { page: (paging) => operationsPage(context, windowItems(refs), paging) };
};

/** What an account had a part in. */
export const accountCollection = (context: ListContext, list: ListName, id: string): Collection => {
  const { history } = context;
  switch (list) {
    case 'transactions':
      return {
        page: (paging) => transactionsPage(context, windowItems(history.transactionsOf.of(id)), paging),
      };
    case 'operations':
      return { page: (paging) => operationsPage(context, windowItems(history.operationsOf.of(id)), paging) };
    case 'payments':
      return { page: (paging) => operationsPage(context, windowItems(history.paymentsOf.of(id)), paging) };
  }
};

/** What is in one ledger. */
export const ledgerCollection = (context: ListContext, list: ListName, record: LedgerRecord): Collection => {
  const { history } = context;
  const end = history.ledger(record.header.sequence + 1)?.firstAt ?? history.transactions.end;
  const indexes = Array.from({ length: end - record.firstAt }, (_, index) => record.firstAt + index);
  if (list === 'transactions')
    return { page: (paging) => transactionsPage(context, itemsOf(indexes), paging) };
  const refs = indexes.flatMap((at) => refsOf(history, at, list === 'payments'));
  return { page: (paging) => operationsPage(context, itemsOf(refs), paging) };
};

/** The operations of one ledger transaction, successful or not. */
export const transactionCollection = (
  context: ListContext,
  list: 'operations' | 'payments',
  record: TransactionRecord,
): Collection => {
  const { history } = context;
  const at = (history.ledger(record.ledger)?.firstAt ?? 0) + record.order - 1;
  const items = itemsOf(refsOf(history, at, list === 'payments'));
  return { page: (paging) => operationsPage({ ...context, includeFailed: true }, items, paging) };
};

function refsOf(history: History, at: number, paymentsOnly: boolean): OperationRef[] {
  const record = history.transactions.at(at);
  if (record === undefined) return [];
  return history
    .decode(record)
    .inner.operations.flatMap(({ body }, index) =>
      paymentsOnly && !isPayment(body) ? [] : [refOf(at, index)],
    );
}

/** One operation by its id. What lies before the first ledger is gone, not missing. */
export function operationById(text: string, history: History, base: string): Json {
  if (!/^[0-9]{1,19}$/.test(text)) throw badRequest('id', 'unparseable value');
  const id = BigInt(text);
  const first = history.ledgers.first;
  if (id < ledgerToken(first)) throw beforeHistory();
  const record = history.ledger(Number(id >> 32n));
  const order = Number((id >> 12n) & 0xfffffn);
  const at = record === undefined ? -1 : record.firstAt + order - 1;
  const transaction = history.transactions.at(at);
  const ref = refOf(at, Number(id & 0xfffn) - 1);
  const exists =
    transaction !== undefined &&
    operationOfRef(ref) < history.decode(transaction).inner.operations.length &&
    operationToken(history, ref) === id;
  if (!exists) throw notFound();
  return operationView(ref, { history, base, joinTransactions: false });
}

export const now = (history: History): bigint => tokenAfterLedger(history.latestSequence);
