import { createPrivateKey, type KeyObject, sign } from 'node:crypto';

import { Account, type Keypair, Operation, TransactionBuilder, xdr } from '@stellar/stellar-sdk';

import type { LedgerTransaction } from './engine/envelope';
import { friendbotKeys } from './engine/genesis';
import type { Network } from './engine/network';
import type { TransactionRecord } from './history/history';
import type { Submission } from './submission';

const STARTING_BALANCE = '10000.0000000';
const OPERATIONS_MAX = 100;
/** How often a creation is tried again when others in its ledger transaction spoilt it. */
const ATTEMPTS = 3;
const WAITING_MAX = 100_000;
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export type FriendbotAnswer =
  | { readonly kind: 'created'; readonly record: TransactionRecord }
  | { readonly kind: 'exists' }
  | { readonly kind: 'busy' };

interface Wish {
  readonly account: string;
  readonly answer: (answer: FriendbotAnswer) => void;
  attempts: number;
}

interface Friend {
  readonly keypair: Keypair;
  readonly key: KeyObject;
}

/** Gives 10,000 XLM to new accounts: as many in one ledger as fit, so that a thousand are a matter of seconds. */
export class Friendbot {
  private wishes: Wish[] = [];
  private readonly friends: readonly Friend[];

  constructor(
    private readonly network: Network,
    private readonly submission: Submission,
    private readonly settings: { readonly passphrase: string; readonly timeoutMs: number },
  ) {
    this.friends = friendbotKeys(settings.passphrase).map((keypair) => ({
      keypair,
      key: createPrivateKey({
        key: Buffer.concat([PKCS8_ED25519, keypair.rawSecretKey()]),
        format: 'der',
        type: 'pkcs8',
      }),
    }));
  }

  /** How many wishes no ledger transaction has taken up yet. */
  get waiting(): number {
    return this.wishes.length;
  }

  async fund(account: string): Promise<FriendbotAnswer> {
    if (this.network.state.accounts.get(account) !== undefined) return { kind: 'exists' };
    if (this.wishes.length >= WAITING_MAX) return { kind: 'busy' };
    return new Promise((resolve) => {
      this.wishes.push({ account, answer: resolve, attempts: 0 });
    });
  }

  /** Called just before a ledger closes: fills what room it has with creations. */
  flush(): void {
    const { accounts } = this.network.state;
    let room = this.network.capacity - this.network.queue.operations;
    const taken = new Set<string>();
    const later: Wish[] = [];
    for (const friend of this.friends) {
      const batch: Wish[] = [];
      const size = Math.min(OPERATIONS_MAX, room);
      while (batch.length < size && this.wishes.length > 0) {
        const wish = this.wishes.shift();
        if (wish === undefined) break;
        if (accounts.get(wish.account) !== undefined) wish.answer({ kind: 'exists' });
        else if (taken.has(wish.account)) later.push(wish);
        else if (wish.attempts > 0 && batch.length > 0) {
          // What failed before goes alone, so that it cannot spoil others.
          later.push(wish);
        } else {
          taken.add(wish.account);
          batch.push(wish);
          if (wish.attempts > 0) break;
        }
      }
      if (batch.length === 0) break;
      room -= batch.length;
      this.create(friend, batch);
    }
    this.wishes = [...later, ...this.wishes];
  }

  private create(friend: Friend, batch: readonly Wish[]): void {
    const transaction = this.build(friend, batch);
    const accepted = transaction !== null && this.submission.offer(transaction).status === 'PENDING';
    if (!accepted) {
      this.wishes.push(...batch);
      return;
    }
    void this.submission.waitFor(transaction.hashHex, this.settings.timeoutMs).then((record) => {
      this.settle(batch, record);
    });
  }

  private settle(batch: readonly Wish[], record: TransactionRecord | null): void {
    for (const wish of batch) {
      if (record?.successful === true) wish.answer({ kind: 'created', record });
      else if (record === null || wish.attempts >= ATTEMPTS) wish.answer({ kind: 'busy' });
      else {
        wish.attempts += 1;
        this.wishes.push(wish);
      }
    }
  }

  private build({ key, keypair }: Friend, batch: readonly Wish[]): LedgerTransaction | null {
    const address = keypair.publicKey();
    const entry = this.network.state.accounts.get(address);
    if (entry === undefined) return null;
    const rate = this.network.pressure.leastRate > 100n ? this.network.pressure.leastRate : 100n;
    const builder = new TransactionBuilder(new Account(address, String(entry.sequence)), {
      fee: String(rate),
      networkPassphrase: this.settings.passphrase,
    }).setTimeout(0);
    for (const { account } of batch) {
      builder.addOperation(
        Operation.createAccount({ destination: account, startingBalance: STARTING_BALANCE }),
      );
    }
    const built = builder.build();
    const signature = sign(null, built.hash(), key);
    built.addDecoratedSignature(new xdr.DecoratedSignature({ hint: keypair.signatureHint(), signature }));
    return this.network.decode(built.toEnvelope().toXdr('base64'));
  }
}
