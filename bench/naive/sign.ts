import { Account, Asset, type Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk';

export interface NaivePayment {
  readonly destination: string;
  readonly amount: string;
}

export interface NaiveEnvelope {
  readonly channel: Keypair;
  /** The number before the one that the envelope uses. */
  readonly sequence: string;
  readonly distribution: Keypair;
  readonly payments: readonly NaivePayment[];
  readonly maxTime: number;
  readonly passphrase: string;
}

/**
 * An envelope as the SDK's documentation makes it, with the SDK's own signer: payments, two signatures, a fee bump around them and
 * its signature. It is fixed: it is not made faster or slower. Returns base64.
 */
export function naiveSign({ channel, sequence, distribution, payments, maxTime, passphrase }: NaiveEnvelope): string {
  const builder = new TransactionBuilder(new Account(channel.publicKey(), sequence), {
    fee: '100',
    networkPassphrase: passphrase,
    timebounds: { minTime: 0, maxTime },
  });
  for (const { destination, amount } of payments) {
    builder.addOperation(
      Operation.payment({ source: distribution.publicKey(), destination, asset: Asset.native(), amount }),
    );
  }
  const inner = builder.build();
  inner.sign(channel, distribution);
  const outer = TransactionBuilder.buildFeeBumpTransaction(distribution, '100', inner, passphrase);
  outer.sign(distribution);
  outer.hash();
  return outer.toXdr();
}
