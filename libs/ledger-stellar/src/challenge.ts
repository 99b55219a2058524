import { randomBytes } from 'node:crypto';

import { isAccountAddress, type LedgerAccount, type LedgerKey, publicKeyOf } from '@libs/ledger';
import { err, ok, type Result } from '@libs/kernel';
import { Account, Memo, Operation, Transaction, TransactionBuilder } from '@stellar/stellar-sdk/base';

import { isSignatureOf, publicKeyFromBytes } from './ed25519';
import { SigningKeys } from './signing-keys';

/** A domain and the key that its stellar.toml names as SIGNING_KEY. */
export interface ClientDomain {
  readonly domain: string;
  readonly signingKey: string;
}

export interface ChallengeRequest {
  readonly server: LedgerKey;
  readonly networkPassphrase: string;
  readonly account: string;
  readonly homeDomain: string;
  readonly webAuthDomain: string;
  /** A memo of type id that tells users of one account apart; null for none. */
  readonly memoId: string | null;
  readonly clientDomain: ClientDomain | null;
  readonly now: Date;
}

export interface Challenge {
  readonly envelope: string;
  /** The hash of the ledger transaction, in hex: the challenge's identity, to let it be used once. */
  readonly hash: string;
  /** The random value of the first operation, in base64. */
  readonly nonce: string;
  readonly expiresAt: Date;
}

export interface ChallengeCheck {
  readonly envelope: string;
  readonly serverAccount: string;
  readonly networkPassphrase: string;
  readonly webAuthDomain: string;
  /** Which home domains this server speaks for. */
  readonly isHomeDomain: (domain: string) => boolean;
  readonly now: Date;
}

export interface OpenedChallenge {
  readonly account: string;
  readonly homeDomain: string;
  readonly memoId: string | null;
  readonly clientDomain: ClientDomain | null;
  readonly hash: string;
  readonly nonce: string;
  readonly expiresAt: Date;
  readonly transaction: Transaction;
}

export type ChallengeError =
  | 'challenge_unreadable'
  | 'challenge_not_ours'
  | 'challenge_expired'
  | 'challenge_wrong_home_domain'
  | 'challenge_wrong_web_auth_domain'
  | 'challenge_wrong_operations'
  | 'challenge_account_did_not_sign'
  | 'challenge_client_domain_did_not_sign'
  | 'challenge_weight_too_low'
  | 'challenge_unknown_signature';

export const CHALLENGE_LIFETIME_MS = 15 * 60_000;
/** A wallet's clock may be behind ours by this much. */
const EARLY_GRACE_MS = 5 * 60_000;
const NONCE_BYTES = 48;
const ENVELOPE_CHARACTERS_MAX = 50 * 1_024;
const OPERATIONS_MAX = 3;
const SIGNATURES_MAX = 20;
const FEE = '100';

const keys = new SigningKeys();

/** A new challenge (SEP-10) for a `G…` account, signed by the server, good for 15 minutes. */
export function buildChallenge(request: ChallengeRequest): Challenge {
  const { server, account, homeDomain, webAuthDomain, memoId, clientDomain, now } = request;
  if (!isAccountAddress(account)) throw new RangeError('a challenge is for a G… account');
  const from = Math.floor(now.getTime() / 1_000);
  const until = from + CHALLENGE_LIFETIME_MS / 1_000;
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  const builder = new TransactionBuilder(new Account(server.address, '-1'), {
    fee: FEE,
    networkPassphrase: request.networkPassphrase,
    timebounds: { minTime: from, maxTime: until },
  })
    .addOperation(Operation.manageData({ name: `${homeDomain} auth`, value: nonce, source: account }))
    .addOperation(
      Operation.manageData({ name: 'web_auth_domain', value: webAuthDomain, source: server.address }),
    );
  if (clientDomain !== null) {
    const { domain, signingKey } = clientDomain;
    builder.addOperation(Operation.manageData({ name: 'client_domain', value: domain, source: signingKey }));
  }
  if (memoId !== null) builder.addMemo(Memo.id(memoId));
  const transaction = builder.build();
  transaction.sign(keys.of(server));
  return {
    envelope: transaction.toXdr(),
    hash: hashOf(transaction),
    nonce,
    expiresAt: new Date(until * 1_000),
  };
}

/** Reads a challenge that comes back and checks everything but the client's signatures. */
export function openChallenge(check: ChallengeCheck): Result<OpenedChallenge, ChallengeError> {
  const transaction = readTransaction(check.envelope, check.networkPassphrase);
  if (transaction === null) return err('challenge_unreadable');
  const { serverAccount } = check;
  const isOurs = transaction.source === serverAccount && transaction.sequence === '0';
  if (!isOurs || !isSignedBy(transaction, serverAccount)) return err('challenge_not_ours');
  const expiresAt = validUntil(transaction, check.now);
  if (expiresAt === null) return err('challenge_expired');
  const parts = readOperations(transaction, check);
  if (!parts.ok) return parts;
  const { memo } = transaction;
  if (memo.type !== 'none' && memo.type !== 'id') return err('challenge_wrong_operations');
  return ok({
    ...parts.value,
    memoId: memo.type === 'id' ? String(memo.value) : null,
    hash: hashOf(transaction),
    expiresAt,
    transaction,
  });
}

/**
 * Checks who signed an opened challenge. `account` is the client's account as the ledger has it, null when it has none.
 *
 * The account's own key must have signed whatever its thresholds are: with all thresholds at 0 any signer, or none,
 * would do. Where the account exists, the weights of all signers together must also reach its medium threshold.
 */
export function checkSignatures(
  challenge: OpenedChallenge,
  serverAccount: string,
  account: LedgerAccount | null,
): Result<true, ChallengeError> {
  const { transaction, clientDomain } = challenge;
  const unused = new Set(transaction.signatures);
  const consume = (address: string): boolean => {
    const found = [...unused].find((signature) => fits(transaction, signature, address));
    if (found !== undefined) unused.delete(found);
    return found !== undefined;
  };
  if (!consume(serverAccount)) return err('challenge_not_ours');
  if (!consume(challenge.account)) return err('challenge_account_did_not_sign');
  if (clientDomain !== null && !consume(clientDomain.signingKey)) {
    return err('challenge_client_domain_did_not_sign');
  }
  if (account !== null) {
    const weight = account.signers
      .filter((signer) => signer.key === challenge.account || consumeSigner(signer.key, consume))
      .reduce((sum, signer) => sum + signer.weight, 0);
    if (weight < account.thresholds.medium) return err('challenge_weight_too_low');
  }
  return unused.size === 0 ? ok(true) : err('challenge_unknown_signature');
}

/** Signers may also be hashes and pre-authorised ledger transactions, which sign no challenge. */
const consumeSigner = (key: string, consume: (address: string) => boolean): boolean =>
  isAccountAddress(key) && consume(key);

function readTransaction(envelope: string, networkPassphrase: string): Transaction | null {
  if (envelope.length > ENVELOPE_CHARACTERS_MAX) return null;
  try {
    const transaction = TransactionBuilder.fromXdr(envelope, networkPassphrase);
    if (!(transaction instanceof Transaction)) return null;
    return transaction.signatures.length <= SIGNATURES_MAX ? transaction : null;
  } catch {
    // Any text can arrive here; what the decoder does not read is no challenge.
    return null;
  }
}

function validUntil(transaction: Transaction, now: Date): Date | null {
  const { timeBounds } = transaction;
  if (timeBounds === undefined || timeBounds.maxTime === '0') return null;
  const from = Number(timeBounds.minTime) * 1_000 - EARLY_GRACE_MS;
  const until = Number(timeBounds.maxTime) * 1_000;
  return now.getTime() >= from && now.getTime() <= until ? new Date(until) : null;
}

type Parts = Pick<OpenedChallenge, 'account' | 'homeDomain' | 'clientDomain' | 'nonce'>;

function readOperations(transaction: Transaction, check: ChallengeCheck): Result<Parts, ChallengeError> {
  const [first, ...others] = transaction.operations;
  if (first?.type !== 'manageData' || others.length >= OPERATIONS_MAX)
    return err('challenge_wrong_operations');
  const account = first.source ?? '';
  const nonce = textOf(first.value);
  if (!isAccountAddress(account) || account === check.serverAccount) return err('challenge_wrong_operations');
  if (Buffer.from(nonce, 'base64').length !== NONCE_BYTES) return err('challenge_wrong_operations');
  const homeDomain = first.name.endsWith(' auth') ? first.name.slice(0, -' auth'.length) : '';
  if (homeDomain === '' || !check.isHomeDomain(homeDomain)) return err('challenge_wrong_home_domain');
  let clientDomain: ClientDomain | null = null;
  let webAuthDomain: string | null = null;
  for (const operation of others) {
    if (operation.type !== 'manageData') return err('challenge_wrong_operations');
    if (operation.name === 'client_domain' && clientDomain === null) {
      clientDomain = { domain: textOf(operation.value), signingKey: operation.source ?? '' };
    } else if (operation.name === 'web_auth_domain' && operation.source === check.serverAccount) {
      webAuthDomain = textOf(operation.value);
    } else return err('challenge_wrong_operations');
  }
  if (webAuthDomain !== check.webAuthDomain) return err('challenge_wrong_web_auth_domain');
  return ok({ account, homeDomain, clientDomain, nonce });
}

const textOf = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('utf8');

const hashOf = (transaction: Transaction): string => Buffer.from(transaction.hash()).toString('hex');

const isSignedBy = (transaction: Transaction, address: string): boolean =>
  transaction.signatures.some((signature) => fits(transaction, signature, address));

function fits(
  transaction: Transaction,
  signature: Transaction['signatures'][number],
  address: string,
): boolean {
  const key = publicKeyOf(address);
  if (key === null) return false;
  // The hint is the end of the key; it only saves the work of checking signatures of others.
  if (Buffer.compare(signature.hint.toBytes(), key.subarray(-4)) !== 0) return false;
  return isSignatureOf(transaction.hash(), signature.signature.toBytes(), publicKeyFromBytes(key));
}
