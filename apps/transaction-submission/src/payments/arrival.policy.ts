import { type EventOf, MEMO_TYPES, type MemoType, type paymentReadyToPayV1 } from '@libs/contracts';
import { type Asset, isNative, parseAmount } from '@libs/kernel';
import { isAccountAddress, isContractAddress, parseMemo } from '@libs/ledger';
import type { ArrivedDispatch } from '@libs/submissions';

type ReadyPayment = EventOf<typeof paymentReadyToPayV1>['data']['payments'][number];

const isMemoType = (type: string): type is MemoType => MEMO_TYPES.some((one) => one === type);

/** What PostgreSQL cannot keep in a text. */
const keepable = (text: string): string => text.replaceAll('\0', '');

/** Reads a payment as it was handed over. `fault`: what is known to be wrong with it already. */
export function toArrived(payment: ReadyPayment, asset: Asset, fault: string | null): ArrivedDispatch {
  const amount = parseAmount(payment.amount);
  const memo = memoOf(payment);
  return {
    paymentId: payment.id,
    dispatch: payment.dispatch,
    receiverWalletId: payment.receiver_wallet_id,
    amount: amount.ok ? amount.value : 0n,
    destination: keepable(payment.destination),
    memo: memo.value,
    fault: fault ?? ownFault(),
  };

  function ownFault(): string | null {
    if (!amount.ok) return `amount_${amount.error}`;
    if (isContractAddress(payment.destination)) {
      return payment.memo === null ? 'contract_addresses_cannot_be_paid' : 'memo_with_contract_address';
    }
    if (!isAccountAddress(payment.destination)) return 'destination_not_an_account';
    if (!isNative(asset) && !isAccountAddress(asset.issuer)) return 'asset_issuer_not_an_account';
    return memo.fault;
  }
}

/** What is kept of the memo, as the ledger would take it where it can, and what is wrong with it. */
function memoOf({ memo }: ReadyPayment): {
  readonly value: ArrivedDispatch['memo'];
  readonly fault: string | null;
} {
  if (memo === null) return { value: null, fault: null };
  if (!isMemoType(memo.type)) return { value: null, fault: 'memo_type_unknown' };
  if (memo.value.includes('\0')) return { value: null, fault: 'memo_with_zero_byte' };
  const parsed = parseMemo(memo.type, memo.value);
  if (parsed.ok) return { value: parsed.value, fault: null };
  return { value: memo.value === '' ? null : { type: memo.type, value: memo.value }, fault: parsed.error };
}
