import { xdr } from '@stellar/stellar-sdk';

import { addressOf } from '../addresses';
import { type AccountEntry, availableBalance, spendableBalance } from '../entries';
import { inner, type OperationContext, type OperationRule, putAccount, sourceOf } from './operation-rule';
import { takeOverReserve } from './reserves';

type Code = xdr.CreateAccountResult['type'];

const answer = (code: Code): xdr.OperationResult =>
  inner(xdr.OperationResultTr.createAccount(xdr.CreateAccountResult[code]()));

/** The sequence number that an account created in this ledger starts with. */
export const startingSequence = (ledger: number): bigint => BigInt(ledger) << 32n;

export function newAccount(id: string, balance: bigint, ledger: number): AccountEntry {
  return {
    id,
    balance,
    sequence: startingSequence(ledger),
    sequenceLedger: 0,
    sequenceTime: 0,
    subentries: 0,
    flags: 0,
    homeDomain: '',
    inflationDestination: null,
    thresholds: { master: 1, low: 0, medium: 0, high: 0 },
    signers: [],
    sponsoring: 0,
    sponsored: 0,
    sponsor: null,
    modified: ledger,
  };
}

function create(operation: xdr.CreateAccountOp, context: OperationContext): Code {
  const { accounts } = context.draft;
  const id = addressOf(operation.destination);
  const { startingBalance } = operation;
  if (accounts.get(id) !== undefined) return 'createAccountAlreadyExist';
  const sponsor = context.sponsorships.get(id) ?? null;
  const account = newAccount(id, startingBalance, context.ledger.sequence);
  if (sponsor === null) {
    if (availableBalance(account, context.ledger.baseReserve) < 0n) return 'createAccountLowReserve';
  } else if (!takeOverReserve(context, sponsor, 2)) return 'createAccountLowReserve';
  const source = sourceOf(context);
  if (spendableBalance(source, context.ledger.baseReserve, context.draft) < startingBalance)
    return 'createAccountUnderfunded';
  putAccount(context, { ...source, balance: source.balance - startingBalance });
  putAccount(context, sponsor === null ? account : { ...account, sponsor, sponsored: 2 });
  return 'createAccountSuccess';
}

export const createAccountRule = (operation: xdr.CreateAccountOp): OperationRule => ({
  threshold: 'medium',
  check: (source) =>
    operation.startingBalance < 0n || addressOf(operation.destination) === source
      ? answer('createAccountMalformed')
      : null,
  apply: (context) => answer(create(operation, context)),
});
