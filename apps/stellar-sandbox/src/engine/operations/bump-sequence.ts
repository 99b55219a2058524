import { xdr } from '@stellar/stellar-sdk';

import { inner, type OperationRule, putAccount, sourceOf } from './operation-rule';

const answer = (code: xdr.BumpSequenceResult['type']): xdr.OperationResult =>
  inner(xdr.OperationResultTr.bumpSequence(xdr.BumpSequenceResult[code]()));

export const bumpSequenceRule = (operation: xdr.BumpSequenceOp): OperationRule => ({
  threshold: 'low',
  check: () => (operation.bumpTo < 0n ? answer('bumpSequenceBadSeq') : null),
  apply: (context) => {
    const source = sourceOf(context);
    if (operation.bumpTo > source.sequence) {
      const { closeTime, sequence } = context.ledger;
      putAccount(context, {
        ...source,
        sequence: operation.bumpTo,
        sequenceLedger: sequence,
        sequenceTime: closeTime,
      });
    }
    return answer('bumpSequenceSuccess');
  },
});
