import { type Asset, assetName } from '@libs/kernel';
import { accountAddressOf, type Outflow } from '@libs/ledger';
import { StrKey, xdr } from '@stellar/stellar-sdk/base';

/** What one operation took out of an account. */
export type Moved = Pick<Outflow, 'kind' | 'to' | 'asset' | 'amount'>;

/** An operation took an amount that only its result says. */
export const TOLD_BY_RESULT = 'told by the result';

const XLM: Asset = { code: 'XLM', issuer: '' };

interface Operations {
  readonly source: string;
  readonly operations: readonly xdr.Operation[];
}

/**
 * What each operation of a successful ledger transaction took out of the account, by its place; null for those that took
 * nothing. Null as a whole when the envelope cannot be read, or has another number of operations than the ledger transaction.
 */
export function movementsIn(
  envelope: string,
  operationCount: number,
  address: string,
): readonly (Moved | null | typeof TOLD_BY_RESULT)[] | null {
  const read = operationsOf(envelope);
  if (read?.operations.length !== operationCount) return null;
  return read.operations.map(({ sourceAccount, body }) => {
    const source = sourceAccount === null ? read.source : addressOfParty(sourceAccount);
    return source === address ? movementOf(body) : null;
  });
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

function movementOf(body: xdr.OperationBody): Moved | null | typeof TOLD_BY_RESULT {
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
      return TOLD_BY_RESULT;
    case 'createClaimableBalance': {
      const { claimants, asset, amount } = body.createClaimableBalanceOp;
      const to = claimants.map(({ v0 }) => accountAddressOf(v0.destination.ed25519.value)).join(', ');
      return { kind: 'claimable-balance', to, asset: assetOf(asset), amount };
    }
    default:
      return exchangeOf(body);
  }
}

/** What puts value where others can take it without paying anybody: none of it is ever ordered. */
function exchangeOf(body: xdr.OperationBody): Moved | null {
  switch (body.type) {
    case 'manageSellOffer':
      return offerOf(body.manageSellOfferOp, body.manageSellOfferOp.amount);
    case 'createPassiveSellOffer':
      return offerOf(body.createPassiveSellOfferOp, body.createPassiveSellOfferOp.amount);
    case 'manageBuyOffer': {
      const { buyAmount, price } = body.manageBuyOfferOp;
      const [n, d] = [BigInt(price.n), BigInt(price.d)];
      return offerOf(body.manageBuyOfferOp, (buyAmount * n + d - 1n) / d);
    }
    case 'liquidityPoolDeposit': {
      const pool = Buffer.from(body.liquidityPoolDepositOp.liquidityPoolId.value).toString('hex');
      return { kind: 'pool-deposit', to: pool, asset: null, amount: null };
    }
    case 'invokeHostFunction':
      return callOf(body.invokeHostFunctionOp.hostFunction);
    default:
      return null;
  }
}

/** An offer of nothing takes an earlier one back. */
const offerOf = (
  { selling, buying }: { readonly selling: xdr.Asset; readonly buying: xdr.Asset },
  amount: bigint,
): Moved | null =>
  amount === 0n ? null : { kind: 'offer', to: assetName(assetOf(buying)), asset: assetOf(selling), amount };

function callOf(call: xdr.HostFunction): Moved | null {
  if (call.type === 'hostFunctionTypeUploadContractWasm') return null;
  const address = call.type === 'hostFunctionTypeInvokeContract' ? call.invokeContract.contractAddress : null;
  const to =
    address?.type === 'scAddressTypeContract'
      ? StrKey.encodeContract(address.contractId.value)
      : 'a new contract';
  return { kind: 'contract', to, asset: null, amount: null };
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
