import { createHash } from 'node:crypto';

import { Keypair } from '@stellar/stellar-sdk';

import { networkIdOf } from './envelope';
import { type LedgerHeader, sealHeader } from './ledger-header';
import { LedgerState } from './ledger-state';
import { newAccount } from './operations/create-account';

/** 100,000,000,000 XLM, as on every Stellar network at its start. */
const TOTAL_COINS = 1_000_000_000_000_000_000n;
/** What each of friendbot's accounts starts with: 100,000,000 XLM. */
const FRIENDBOT_BALANCE = 1_000_000_000_000_000n;
/** So many ledger transactions of friendbot fit into one ledger, since each needs a source of its own. */
const FRIENDBOT_ACCOUNTS = 20;

export interface NetworkParameters {
  readonly passphrase: string;
  /** Makes the hashes of a network that was reset differ from those before. */
  readonly salt: string;
  /** Unix seconds. */
  readonly startedAt: number;
  /** In stroops for each operation. */
  readonly baseFee: bigint;
  readonly baseReserve: bigint;
  readonly capacity: number;
}

const seedOf = (passphrase: string, purpose: string): Buffer =>
  createHash('sha256').update(networkIdOf(passphrase)).update(purpose).digest();

/** The account that holds all coins at the start; its seed is the network id, as everywhere. */
export const rootKey = (passphrase: string): Keypair => Keypair.fromRawEd25519Seed(networkIdOf(passphrase));

export const friendbotKeys = (passphrase: string): Keypair[] =>
  Array.from({ length: FRIENDBOT_ACCOUNTS }, (_, index) =>
    Keypair.fromRawEd25519Seed(seedOf(passphrase, `friendbot ${String(index)}`)),
  );

export interface Genesis {
  readonly header: LedgerHeader;
  readonly state: LedgerState;
}

export function genesisOf(parameters: NetworkParameters): Genesis {
  const { baseFee, baseReserve, capacity, passphrase, salt, startedAt } = parameters;
  const state = new LedgerState();
  const friends = friendbotKeys(passphrase);
  const root = rootKey(passphrase).publicKey();
  const rest = TOTAL_COINS - FRIENDBOT_BALANCE * BigInt(friends.length);
  state.accounts.set(root, { ...newAccount(root, rest, 1), sequence: 0n });
  for (const key of friends) {
    const id = key.publicKey();
    state.accounts.set(id, { ...newAccount(id, FRIENDBOT_BALANCE, 1), sequence: 0n });
  }
  const nothing = createHash('sha256').digest();
  const header = sealHeader({
    sequence: 1,
    previousHash: createHash('sha256').update(salt).digest('hex'),
    closeTime: startedAt,
    totalCoins: TOTAL_COINS,
    feePool: 0n,
    baseFee,
    baseReserve,
    capacity,
    setHash: nothing,
    resultsHash: nothing,
    stateHash: nothing,
  });
  return { header, state };
}
