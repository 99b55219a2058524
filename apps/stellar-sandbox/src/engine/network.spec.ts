import { Keypair, xdr } from '@stellar/stellar-sdk';
import fc from 'fast-check';

import { type EnvelopeForm, envelopeOfForm, muxedOfKey } from '../testing/conformance/envelope-form';
import * as forms from '../testing/conformance/operation-forms';
import { availableBalance } from './entries';
import { genesisOf, rootKey } from './genesis';
import { Network } from './network';

const PASSPHRASE = 'a network for properties';
const NOW = { now: 1000, latest: 1000 };
const PEOPLE = 4;

/** What somebody does to somebody; most of it fails for one reason or another. */
interface Deed {
  readonly kind: (typeof KINDS)[number];
  readonly by: number;
  readonly to: number;
  readonly amount: bigint;
  /** Whether somebody else pays the reserve. */
  readonly sponsor: number | null;
}

const KINDS = [
  'create',
  'pay',
  'trust',
  'untrust',
  'issue',
  'data',
  'undata',
  'sign',
  'unsign',
  'revoke',
  'merge',
] as const;

const person = fc.integer({ min: 0, max: PEOPLE - 1 });

const deed: fc.Arbitrary<Deed> = fc.record({
  // Trustlines more often than the rest, since they go away only while they are empty.
  kind: fc.constantFrom(...KINDS, 'trust', 'untrust', 'untrust', 'untrust'),
  by: person,
  to: person,
  amount: fc.bigInt({ min: 0n, max: 20_000_000n }),
  sponsor: fc.option(person, { nil: null, freq: 3 }),
});

class Life {
  readonly network = Network.start(
    PASSPHRASE,
    genesisOf({
      ...{ passphrase: PASSPHRASE, salt: 'x', startedAt: 1000, capacity: 1000 },
      ...{ baseFee: 100n, baseReserve: 5_000_000n },
    }),
  );
  private readonly root = rootKey(PASSPHRASE);

  constructor(private readonly people: readonly Keypair[]) {
    this.send(
      this.root,
      people.slice(0, 2).map((key) => forms.create(key, 600_000_000n)),
    );
  }

  /** Does it, and says what came of it: nothing, or the kind of deed and whether a sponsored account was there. */
  live(one: Deed): string | null {
    const by = this.key(one.by);
    const wasSponsored = [by, this.key(one.to)].some(
      (key) => (this.network.state.accounts.get(key.publicKey())?.sponsored ?? 0) > 0,
    );
    const operations = [this.operationOf(one, by)];
    if (one.sponsor !== null && one.sponsor !== one.by) {
      const sponsored = one.kind === 'create' ? this.key(one.to) : by;
      operations.unshift(forms.begin(sponsored, this.key(one.sponsor)));
      operations.push(forms.end(sponsored));
    }
    return this.send(by, operations) ? `${one.kind}${wasSponsored ? ' sponsored' : ''}` : null;
  }

  private key(index: number): Keypair {
    return this.people[index] ?? this.root;
  }

  private operationOf({ amount, kind, to }: Deed, by: Keypair): xdr.Operation {
    const other = this.key(to);
    const asset = forms.credit('USD', other);
    switch (kind) {
      case 'create':
        return forms.create(other, amount, by);
      case 'pay':
        return forms.payTo(other, amount + 1n, forms.NATIVE, by);
      case 'trust':
        return forms.trust(asset, forms.LIMIT_MAX, by);
      case 'untrust':
        return forms.trust(asset, 0n, by);
      case 'issue':
        return forms.payTo(other, amount + 1n, forms.credit('USD', by), by);
      case 'data':
        return forms.data(`k${String(to)}`, 'v');
      case 'undata':
        return forms.data(`k${String(to)}`, null);
      case 'sign':
        return forms.options({ signer: forms.keySigner(other, 1) });
      case 'unsign':
        return forms.options({ signer: forms.keySigner(other, 0) });
      case 'revoke':
        return amount % 2n === 0n ? forms.revokeAccount(other) : forms.revokeLine(other, 'USD', by);
      case 'merge':
        return forms.merge(other, by);
    }
  }

  /** Everybody who acts signs, and nobody else, since a signature that is not needed spoils it. */
  private send(source: Keypair, operations: readonly xdr.Operation[]): boolean {
    const sequence = (this.network.state.accounts.get(source.publicKey())?.sequence ?? 0n) + 1n;
    const actors = operations.flatMap(({ sourceAccount }) =>
      sourceAccount?.type === 'keyTypeEd25519'
        ? [Buffer.from(sourceAccount.ed25519.value).toString('hex')]
        : [],
    );
    const signers = [source, ...this.people, this.root].filter(
      (key, index, all) =>
        (key === source || actors.includes(Buffer.from(key.rawPublicKey()).toString('hex'))) &&
        all.indexOf(key) === index,
    );
    const form: EnvelopeForm = {
      ...{ source: muxedOfKey(source), fee: 100 * operations.length, sequence, operations, signers },
      conditions: xdr.Preconditions.precondNone(),
      memo: xdr.Memo.memoNone(),
      passphrase: PASSPHRASE,
    };
    const transaction = this.network.decode(envelopeOfForm(form));
    if (transaction === null) throw new Error('the test built an envelope that cannot be read');
    this.network.submit(transaction, NOW);
    return this.network.close(1000).transactions.some(({ successful }) => successful);
  }
}

/** What the entries themselves say about who owns and who pays for how many of them. */
function counted({ state }: Network) {
  const owned = new Map<string, number>();
  const sponsoring = new Map<string, number>();
  const sponsored = new Map<string, number>();
  const add = (counts: Map<string, number>, id: string, by: number): void => {
    counts.set(id, (counts.get(id) ?? 0) + by);
  };
  const entry = (owner: string, sponsor: string | null, reserves: number): void => {
    if (sponsor === null) return;
    add(sponsoring, sponsor, reserves);
    add(sponsored, owner, reserves);
  };
  for (const line of state.lines.entries.values()) {
    add(owned, line.account, 1);
    entry(line.account, line.sponsor, 1);
  }
  for (const data of state.data.entries.values()) {
    add(owned, data.account, 1);
    entry(data.account, data.sponsor, 1);
  }
  for (const account of state.accounts.entries.values()) {
    entry(account.id, account.sponsor, 2);
    for (const signer of account.signers) {
      add(owned, account.id, 1);
      entry(account.id, signer.sponsor, 1);
    }
  }
  return { owned, sponsoring, sponsored };
}

describe('Whatever people do on the network', () => {
  const people = Array.from({ length: PEOPLE }, () => Keypair.random());
  const done = new Set<string>();

  it('no coin appears or is lost, and every reserve is counted where it belongs', () => {
    fc.assert(
      fc.property(fc.array(deed, { minLength: 20, maxLength: 60 }), (deeds) => {
        const life = new Life(people);
        for (const one of deeds) {
          done.add(life.live(one) ?? 'nothing');
          const { network } = life;
          const accounts = [...network.state.accounts.entries.values()];
          const coins = accounts.reduce((sum, { balance }) => sum + balance, network.header.feePool);
          expect(coins).toBe(network.header.totalCoins);
          const counts = counted(network);
          const wrong = accounts.filter(
            (account) =>
              account.subentries !== (counts.owned.get(account.id) ?? 0) ||
              account.sponsoring !== (counts.sponsoring.get(account.id) ?? 0) ||
              account.sponsored !== (counts.sponsored.get(account.id) ?? 0) ||
              availableBalance(account, network.header.baseReserve) < 0n,
          );
          expect(wrong).toEqual([]);
        }
      }),
      { numRuns: 150, seed: 2 },
    );
    // The property says nothing about deeds that never came off.
    const all = KINDS.flatMap((kind) => [kind, `${kind} sponsored`]);
    expect(all.filter((one) => !done.has(one))).toEqual([]);
  });
});
