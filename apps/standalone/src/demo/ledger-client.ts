import { formatAmount } from '@libs/kernel';
import { Account, Asset, Operation, TransactionBuilder, type xdr } from '@stellar/stellar-sdk';
import { setTimeout as pause } from 'node:timers/promises';

import type { LedgerKey } from '../stellar/ledger-key';
import { NETWORK_PASSPHRASE } from '../system/installation';
import type { HttpClient } from './http-client';
import { type Json, listOf, objectIn, objectOf, textOf } from './json';

/** `issuer` is empty for XLM. */
export interface LedgerAsset {
  readonly code: string;
  readonly issuer: string;
}

export const LUMENS: LedgerAsset = { code: 'XLM', issuer: '' };

/** A payment operation, as the ledger lists it. */
export interface LedgerPayment {
  readonly pagingToken: string;
  readonly successful: boolean;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly assetCode: string;
  readonly assetIssuer: string;
}

const FEE_STROOPS = '100000';
const TRIES_MAX = 40;
const AGAIN_AFTER_MS = 400;
const VALID_FOR_SECONDS = 300;
const PAGE = 200;

/** The ledger over Horizon's HTTP, as people's wallets and an auditor use it. */
export class LedgerClient {
  constructor(
    private readonly http: HttpClient,
    private readonly horizon: string,
  ) {}

  /** Makes the account with XLM from friendbot; does nothing when it exists. */
  async fund(address: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if ((await this.account(address)) !== undefined) return;
      const answer = await this.http.send({ url: `${this.horizon}/friendbot?addr=${address}` });
      if (answer.status === 200) return;
      if (attempt >= TRIES_MAX) throw new Error(`friendbot refuses: ${String(answer.status)}`);
      await pause(AGAIN_AFTER_MS);
    }
  }

  async trust(key: LedgerKey, asset: LedgerAsset): Promise<void> {
    const trusts = (account: Json): boolean => balanceIn(account, asset) !== undefined;
    await this.applied(key, trusts, Operation.changeTrust({ asset: sdkAsset(asset) }));
  }

  /** Pays what is missing until the destination holds the goal, so that a lost answer does not lead to a second payment. */
  async payUntilItHolds(
    payer: LedgerKey,
    destination: string,
    goal: { readonly asset: LedgerAsset; readonly amount: bigint },
  ): Promise<void> {
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      const held = await this.balance(destination, goal.asset);
      if (held !== undefined && held >= goal.amount) return;
      if (held === undefined) await pause(AGAIN_AFTER_MS);
      else {
        const amount = formatAmount(goal.amount - held);
        await this.submit(payer, Operation.payment({ destination, asset: sdkAsset(goal.asset), amount }));
      }
    }
    throw new Error('the distribution account could not be paid: it does not trust the asset');
  }

  /** In stroops; undefined when there is no account or no trustline. */
  async balance(address: string, asset: LedgerAsset): Promise<bigint | undefined> {
    const account = await this.account(address);
    return account === undefined ? undefined : balanceIn(account, asset);
  }

  async ledgerSequence(): Promise<number> {
    const answer = await this.http.send({ url: `${this.horizon}/ledgers?order=desc&limit=1` });
    const [latest] = listOf(objectOf(objectIn(answer, 'read the latest ledger'), '_embedded'), 'records');
    return Number(latest?.['sequence'] ?? 0);
  }

  /** The payments of an account after the cursor, oldest first; at most 200. */
  async payments(address: string, cursor: string): Promise<LedgerPayment[]> {
    const query = new URLSearchParams({ cursor, order: 'asc', limit: String(PAGE), include_failed: 'false' });
    const url = `${this.horizon}/accounts/${address}/payments?${query.toString()}`;
    const answer = await this.http.send({ url });
    const records = listOf(objectOf(objectIn(answer, 'read the ledger'), '_embedded'), 'records');
    return records.filter((record) => record['type'] === 'payment').map(paymentOf);
  }

  /** Where the account's list of payments ends now. */
  async endOfPayments(address: string): Promise<string> {
    const url = `${this.horizon}/accounts/${address}/payments?order=desc&limit=1`;
    const answer = await this.http.send({ url });
    const [last] = listOf(objectOf(objectIn(answer, 'read the ledger'), '_embedded'), 'records');
    return last === undefined ? '' : textOf(last, 'paging_token');
  }

  private async account(address: string): Promise<Json | undefined> {
    const answer = await this.http.send({ url: `${this.horizon}/accounts/${address}` });
    return answer.status === 404 ? undefined : objectIn(answer, 'read an account');
  }

  /** Submits the operation until the account shows its effect. */
  private async applied(
    key: LedgerKey,
    isApplied: (account: Json) => boolean,
    operation: xdr.Operation,
  ): Promise<void> {
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      const account = await this.account(key.address);
      if (account !== undefined && isApplied(account)) return;
      if (account !== undefined) await this.submit(key, operation, account);
      else await pause(AGAIN_AFTER_MS);
    }
    throw new Error('an operation on a wallet’s own account was not applied');
  }

  /** One ledger transaction; the caller looks at the effect, so that an answer that is lost does not matter. */
  private async submit(key: LedgerKey, operation: xdr.Operation, known?: Json): Promise<void> {
    const account = known ?? (await this.account(key.address));
    if (account === undefined) return;
    const source = new Account(key.address, textOf(account, 'sequence'));
    const envelope = new TransactionBuilder(source, {
      fee: FEE_STROOPS,
      networkPassphrase: NETWORK_PASSPHRASE,
    })
      .addOperation(operation)
      .setTimeout(VALID_FOR_SECONDS)
      .build();
    key.signEnvelope(envelope);
    const answer = await this.http.send({
      method: 'POST',
      url: `${this.horizon}/transactions`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ tx: envelope.toXdr() }).toString(),
    });
    if (answer.status !== 200) await pause(AGAIN_AFTER_MS);
  }
}

const sdkAsset = ({ code, issuer }: LedgerAsset): Asset =>
  issuer === '' ? Asset.native() : new Asset(code, issuer);

const stroops = (amount: string): bigint => BigInt(amount.replace('.', ''));

function balanceIn(account: Json, asset: LedgerAsset): bigint | undefined {
  const line = listOf(account, 'balances').find((balance) =>
    asset.issuer === ''
      ? balance['asset_type'] === 'native'
      : balance['asset_code'] === asset.code && balance['asset_issuer'] === asset.issuer,
  );
  return line === undefined ? undefined : stroops(textOf(line, 'balance'));
}

function paymentOf(record: Json): LedgerPayment {
  const text = (field: string): string => {
    const value = record[field];
    return typeof value === 'string' ? value : '';
  };
  return {
    pagingToken: text('paging_token'),
    successful: record['transaction_successful'] === true,
    from: text('from'),
    to: text('to'),
    amount: text('amount'),
    assetCode: text('asset_code'),
    assetIssuer: text('asset_issuer'),
  };
}
