import type { Asset } from '@libs/kernel';
import { accountAddressOf, type Outflow } from '@libs/ledger';
import { xdr } from '@stellar/stellar-sdk/base';

/** What one operation took out of an account. */
export type Moved = Pick<Outflow, 'kind' | 'to' | 'asset' | 'amount'>;

const XLM: Asset = { code: 'XLM', issuer: '' };

interface Operations {
  readonly source: string;
  readonly operations: readonly xdr.Operation[];
}

/**
 * What each operation of a successful ledger transaction took out of the account, by its place; null for those that took
 * nothing. Null as a whole when the envelope alone does not tell: it cannot be read, has another number of operations than
 * the ledger transaction, or one of them took an amount that only its result says.
 */
export function movementsIn(
  envelope: string,
  operationCount: number,
  address: string,
): readonly (Moved | null)[] | null {
  const read = operationsOf(envelope);
  if (read?.operations.length !== operationCount) return null;
  const moved: (Moved | null)[] = [];
  for (const { sourceAccount, body } of read.operations) {
    const source = sourceAccount === null ? read.source : addressOfParty(sourceAccount);
    const movement = source === address ? movementOf(body) : null;
    if (movement === 'told by the result') return null;
    moved.push(movement);
  }
  return moved;
}

function operationsOf(envelope: string): Operations | null {
  try {
    const read = xdr.TransactionEnvelope.fromXdr(envelope, 'base64');
    switch (read.type) {
      case 'envelopeTypeTxV0': {
        const { sourceAccountEd25519, operations } = read.v0.tx;
        return { source: accountAddressOf(sourceAccountEd25519.value), operations };
      }
      case 'envelopeTypeTx':
        return operationsOfInner(read.v1.tx);
      case 'envelopeTypeTxFeeBump':
        return operationsOfInner(read.feeBump.tx.innerTx.v1.tx);
    }
  } catch {
    // An operation of a protocol that came later, for one.
    return null;
  }
}

const operationsOfInner = ({ sourceAccount, operations }: xdr.Transaction): Operations => ({
  source: addressOfParty(sourceAccount),
  operations,
});

function movementOf(body: xdr.OperationBody): Moved | null | 'told by the result' {
  switch (body.type) {
    case 'payment': {
      const { destination, asset, amount } = body.paymentOp;
      return { kind: 'payment', to: addressOfParty(destination), asset: assetOf(asset), amount };
    }
    case 'createAccount': {
      const { destination, startingBalance: amount } = body.createAccountOp;
      return { kind: 'create-account', to: accountAddressOf(destination.ed25519.value), asset: XLM, amount };
    }
    case 'accountMerge':
      return { kind: 'merge', to: addressOfParty(body.destination), asset: XLM, amount: null };
    case 'pathPaymentStrictSend': {
      const { destination, sendAsset, sendAmount: amount } = body.pathPaymentStrictSendOp;
      return { kind: 'path-payment', to: addressOfParty(destination), asset: assetOf(sendAsset), amount };
    }
    case 'pathPaymentStrictReceive':
      return 'told by the result';
    case 'createClaimableBalance': {
      const { claimants, asset, amount } = body.createClaimableBalanceOp;
      const to = claimants.map(({ v0 }) => accountAddressOf(v0.destination.ed25519.value)).join(', ');
      return { kind: 'claimable-balance', to, asset: assetOf(asset), amount };
    }
    default:
      return null;
  }
}

const addressOfParty = (party: xdr.MuxedAccount): string =>
  accountAddressOf(party.type === 'keyTypeEd25519' ? party.ed25519.value : party.med25519.ed25519.value);

function assetOf(asset: xdr.Asset): Asset {
  switch (asset.type) {
    case 'assetTypeNative':
      return XLM;
    case 'assetTypeCreditAlphanum4':
      return issued(asset.alphaNum4);
    case 'assetTypeCreditAlphanum12':
      return issued(asset.alphaNum12);
  }
}

const issued = ({ assetCode, issuer }: xdr.AlphaNum4 | xdr.AlphaNum12): Asset => ({
  code: Buffer.from(assetCode.value).toString('latin1').replace(/\0+$/, ''),
  issuer: accountAddressOf(issuer.ed25519.value),
});
