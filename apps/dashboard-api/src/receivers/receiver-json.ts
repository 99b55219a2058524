import { formatAmount } from '@libs/kernel';

import type { PaymentSumRow, ReceiverWalletRow, VerificationRow } from './receiver-rows';
import type { ReceiverView } from './receivers.read-model';

const sumOf = (sums: readonly PaymentSumRow[], pick: (sum: PaymentSumRow) => bigint): bigint =>
  sums.reduce((total, sum) => total + pick(sum), 0n);

const remainingOf = (sums: readonly PaymentSumRow[]): bigint =>
  sumOf(sums, (sum) => sum.total - sum.successful - sum.failed - sum.canceled);

function receivedAmounts(sums: readonly PaymentSumRow[]): readonly object[] {
  const received = new Map<string, { code: string; issuer: string; amount: bigint }>();
  for (const sum of sums) {
    const key = `${sum.asset_code}:${sum.asset_issuer}`;
    const before = received.get(key)?.amount ?? 0n;
    received.set(key, {
      code: sum.asset_code,
      issuer: sum.asset_issuer,
      amount: before + BigInt(sum.received),
    });
  }
  return [...received.values()].map(({ code, issuer, amount }) => ({
    asset_code: code,
    asset_issuer: issuer,
    received_amount: formatAmount(amount),
  }));
}

function walletJson(wallet: ReceiverWalletRow, sums: readonly PaymentSumRow[]): object {
  return {
    id: wallet.id,
    receiver: { id: wallet.receiver_id },
    wallet: {
      id: wallet.wallet_id,
      name: wallet.wallet_name,
      homepage: wallet.wallet_homepage,
      ...(wallet.wallet_client_domain === '' ? {} : { sep_10_client_domain: wallet.wallet_client_domain }),
      deep_link_schema: wallet.wallet_deep_link,
      enabled: wallet.wallet_enabled,
      user_managed: wallet.wallet_user_managed,
    },
    ...(wallet.stellar_address === null ? {} : { stellar_address: wallet.stellar_address }),
    ...(wallet.stellar_memo === null ? {} : { stellar_memo: wallet.stellar_memo }),
    ...(wallet.stellar_memo_type === null ? {} : { stellar_memo_type: wallet.stellar_memo_type }),
    ...(wallet.deposit_id === null ? {} : { sep24_transaction_id: wallet.deposit_id }),
    status: wallet.status,
    created_at: wallet.created_at,
    updated_at: wallet.updated_at,
    invitation_sent_at: wallet.invitation_sent_at,
    ...(wallet.invited_at === null ? {} : { invited_at: wallet.invited_at }),
    ...(wallet.last_message_sent_at === null ? {} : { last_message_sent_at: wallet.last_message_sent_at }),
    total_payments: String(sumOf(sums, (sum) => sum.total)),
    payments_received: String(sumOf(sums, (sum) => sum.successful)),
    failed_payments: String(sumOf(sums, (sum) => sum.failed)),
    canceled_payments: String(sumOf(sums, (sum) => sum.canceled)),
    remaining_payments: String(remainingOf(sums)),
    received_amounts: receivedAmounts(sums),
  };
}

export function receiverJson({ receiver, wallets, sums }: ReceiverView): Record<string, unknown> {
  return {
    id: receiver.id,
    ...(receiver.email === null ? {} : { email: receiver.email }),
    ...(receiver.phone_number === null ? {} : { phone_number: receiver.phone_number }),
    external_id: receiver.external_id,
    created_at: receiver.created_at,
    updated_at: receiver.updated_at,
    total_payments: String(sumOf(sums, (sum) => sum.total)),
    successful_payments: String(sumOf(sums, (sum) => sum.successful)),
    failed_payments: String(sumOf(sums, (sum) => sum.failed)),
    canceled_payments: String(sumOf(sums, (sum) => sum.canceled)),
    remaining_payments: String(remainingOf(sums)),
    registered_wallets: String(wallets.filter((wallet) => wallet.status === 'REGISTERED').length),
    received_amounts: receivedAmounts(sums),
    wallets: wallets.map((wallet) =>
      walletJson(
        wallet,
        sums.filter((sum) => sum.receiver_wallet_id === wallet.id),
      ),
    ),
  };
}

export const verificationJson = (verification: VerificationRow): object => ({ ...verification });
