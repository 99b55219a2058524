import { Keypair, xdr } from '@stellar/stellar-sdk';

import { envelopeOfForm, muxedOfKey } from '../testing/conformance/envelope-form';
import { create, payTo } from '../testing/conformance/operation-forms';
import { genesisOf, rootKey } from './genesis';
import { Network } from './network';

const PASSPHRASE = 'a network with room for one';
const NOW = { now: 1000, latest: 1000 };
/** As many as a queue holds for a ledger of one operation. */
const AT_ONCE = 2;
const ROUNDS = 12;

describe('The set of a ledger', () => {
  const root = rootKey(PASSPHRASE);
  const payers = Array.from({ length: AT_ONCE }, (_, index) =>
    Keypair.fromRawEd25519Seed(Buffer.alloc(32, index + 1)),
  );

  function start(): Network {
    const network = Network.start(
      PASSPHRASE,
      genesisOf({
        ...{ passphrase: PASSPHRASE, salt: 'x', startedAt: 1000, capacity: 1000 },
        ...{ baseFee: 100n, baseReserve: 5_000_000n },
      }),
    );
    send(
      network,
      root,
      payers.map((key) => create(key, 600_000_000n)),
    );
    network.close(1000);
    network.pressure.capacity = 1;
    return network;
  }

  /** The hash of what was sent, in hex. */
  function send(network: Network, source: Keypair, operations: readonly xdr.Operation[]): string {
    const transaction = network.decode(
      envelopeOfForm({
        ...{ source: muxedOfKey(source), fee: 100 * operations.length, operations, signers: [source] },
        sequence: (network.state.accounts.get(source.publicKey())?.sequence ?? 0n) + 1n,
        conditions: xdr.Preconditions.precondNone(),
        memo: xdr.Memo.memoNone(),
        passphrase: PASSPHRASE,
      }),
    );
    if (transaction === null) throw new Error('the test built an envelope that cannot be read');
    expect(network.submit(transaction, NOW)).toEqual({ status: 'PENDING' });
    return transaction.hashHex;
  }

  const includedIn = ({ transactions }: ReturnType<Network['close']>): string[] =>
    transactions.map(({ transaction }) => transaction.hashHex);

  it('draws anew in each ledger who goes first among those that bid the same', () => {
    const network = start();
    const lowestHashFirst = Array.from({ length: ROUNDS }, () => {
      const hashes = payers.map((payer) => send(network, payer, [payTo(root, 1n)])).sort();
      const order = hashes.flatMap(() => includedIn(network.close(1000)));
      expect(order.toSorted()).toEqual(hashes);
      return order[0] === hashes[0];
    });
    // Everything here is seeded, and so is the draw.
    expect(new Set(lowestHashFirst)).toEqual(new Set([true, false]));
  });
});
