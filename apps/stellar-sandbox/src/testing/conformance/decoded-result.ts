import { xdr } from '@stellar/stellar-sdk';

const operationText = (result: xdr.OperationResult): string =>
  result.type === 'opInner' ? `${result.tr.type}:${result.tr.value.type}` : result.type;

/** A result as the corpus writes it down. */
export function decodedResult(base64: string): unknown {
  const { feeCharged, result } = xdr.TransactionResult.fromXdr(base64, 'base64');
  const fee_charged = String(feeCharged);
  switch (result.type) {
    case 'txFeeBumpInnerSuccess':
    case 'txFeeBumpInnerFailed': {
      const inner = result.innerResultPair.result;
      const ops = 'results' in inner.result ? { ops: inner.result.results.map(operationText) } : {};
      const decoded = { code: inner.result.type, fee_charged: String(inner.feeCharged), ...ops };
      return { code: result.type, fee_charged, inner: decoded };
    }
    case 'txSuccess':
    case 'txFailed':
      return { code: result.type, fee_charged, ops: result.results.map(operationText) };
    default:
      return { code: result.type, fee_charged };
  }
}
