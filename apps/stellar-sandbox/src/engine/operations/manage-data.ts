import { xdr } from '@stellar/stellar-sdk';

import { dataKey } from '../entries';
import { inner, type OperationContext, type OperationRule } from './operation-rule';
import { addSubentry, removeSubentry } from './reserves';
import { isLedgerText } from './set-options';

const answer = (code: xdr.ManageDataResult['type']): xdr.OperationResult =>
  inner(xdr.OperationResultTr.manageData(xdr.ManageDataResult[code]()));

/** The bytes of a data entry's name as text, one character a byte. */
export const dataNameOf = (name: xdr.XdrString): string => Buffer.from(name.bytes).toString('latin1');

function manage(operation: xdr.ManageDataOp, context: OperationContext): xdr.OperationResult {
  const name = dataNameOf(operation.dataName);
  const key = dataKey(context.source, name);
  const entry = context.draft.data.get(key);
  const modified = context.ledger.sequence;
  if (operation.dataValue === null) {
    if (entry === undefined) return answer('manageDataNameNotFound');
    context.draft.data.set(key, null);
    removeSubentry(context, context.source, entry.sponsor);
    return answer('manageDataSuccess');
  }
  const value = Buffer.from(operation.dataValue.value).toString('base64');
  if (entry !== undefined) {
    context.draft.data.set(key, { ...entry, value, modified });
    return answer('manageDataSuccess');
  }
  const reserve = addSubentry(context, context.source);
  if (reserve.answer === 'too_many_subentries') return xdr.OperationResult.opTooManySubentries();
  if (reserve.answer === 'low_reserve') return answer('manageDataLowReserve');
  context.draft.data.set(key, { account: context.source, name, value, sponsor: reserve.sponsor, modified });
  return answer('manageDataSuccess');
}

export const manageDataRule = (operation: xdr.ManageDataOp): OperationRule => ({
  threshold: 'medium',
  check: () =>
    operation.dataName.bytes.length === 0 || !isLedgerText(operation.dataName.bytes)
      ? answer('manageDataInvalidName')
      : null,
  apply: (context) => manage(operation, context),
});
