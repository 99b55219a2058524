import { xdr } from '@stellar/stellar-sdk';

import { accountOfKey, muxedOfKey } from './envelope-form';
import {
  create,
  lineFlags,
  LIMIT_MAX,
  merge,
  options,
  payMuxed,
  payTo,
  strictReceive,
  strictSend,
  trust,
  NATIVE,
} from './operation-forms';
import type { Scenario, Scenarios } from './scenario';
import { type Stage, units } from './stage';

const creation =
  (amount: bigint): Scenario =>
  async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [create(stage.key('N'), amount)] });
  };

const nativePayment =
  (amount: bigint, fee = 100): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B');
    return stage.envelope({ source: stage.key('A'), fee, operations: [payTo(stage.key('B'), amount)] });
  };

/** A holds `held` USD and pays B, who trusts too. */
async function holders(stage: Stage, held: bigint): Promise<void> {
  await stage.fund('I', 'A', 'B');
  await stage.trustUsd(undefined, 'A', 'B');
  await stage.issueUsd('A', held);
}

const usdPayment = async (stage: Stage, from: string, to: string, amount: bigint): Promise<string> =>
  stage.envelope({ source: stage.key(from), operations: [payTo(stage.key(to), amount, stage.usd)] });

const revocable = async (stage: Stage, flags: { set?: number; clear?: number }): Promise<void> => {
  await stage.fund('I', 'A', 'B');
  await stage.do(stage.key('I'), [options({ setFlags: 2 })]);
  await stage.trustUsd(undefined, 'A', 'B');
  await stage.issueUsd('A', units(10));
  await stage.do(stage.key('I'), [lineFlags(stage.key('A'), stage.usd, flags)]);
};

const CREATIONS: Scenarios = {
  create_ok: creation(units(5)),
  create_below_reserve: creation(9_999_999n),
  create_exact_reserve: creation(units(1)),
  create_negative_balance: creation(-1n),
  create_underfunded: creation(units(100)),
  create_zero_balance: creation(0n),
  create_self: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [create(stage.key('A'), units(5))] });
  },
  create_existing: async (stage) => {
    await stage.fund('A', 'B');
    return stage.envelope({ source: stage.key('A'), operations: [create(stage.key('B'), units(5))] });
  },
};

/** What the recorded network did by an offer, the control API does here. */
const promise = async (stage: Stage, role: string, liabilities: object): Promise<void> => {
  const account = stage.key(role).publicKey();
  const { status, text } = await stage.client.control('/liabilities', { account, ...liabilities });
  if (status !== 200) throw new Error(`the set-up failed: ${text}`);
};

const PROMISED_PAYMENTS: Scenarios = {
  pay_native_selling_liabilities: async (stage) => {
    await stage.fund('A', 'B');
    await promise(stage, 'A', { selling: '90' });
    return stage.envelope({ source: stage.key('A'), operations: [payTo(stage.key('B'), units(20))] });
  },
  pay_credit_selling_liabilities: async (stage) => {
    await holders(stage, units(10));
    await promise(stage, 'A', { asset: `USD:${stage.key('I').publicKey()}`, selling: '8' });
    return usdPayment(stage, 'A', 'B', units(5));
  },
  pay_line_full_buying_liabilities: async (stage) => {
    await stage.fund('I', 'B');
    await stage.trustUsd(units(10), 'B');
    await promise(stage, 'B', { asset: `USD:${stage.key('I').publicKey()}`, buying: '8' });
    return usdPayment(stage, 'I', 'B', units(5));
  },
};

const NATIVE_PAYMENTS: Scenarios = {
  pay_native_ok: nativePayment(units(10)),
  pay_native_ok_maxfee: nativePayment(units(1), 10_000),
  pay_native_underfunded: nativePayment(units(100)),
  pay_native_exact_available: nativePayment(989_999_900n),
  pay_native_one_stroop_over: nativePayment(989_999_901n),
  pay_native_maxfee_higher_than_charged: nativePayment(989_999_900n, 10_000_000),
  pay_amount_zero: nativePayment(0n),
  pay_amount_negative: nativePayment(-1n),
  pay_no_destination: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [payTo(stage.key('N'), units(1))] });
  },
  pay_self_native: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [payTo(stage.key('A'), units(10))] });
  },
  pay_self_native_more_than_held: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [payTo(stage.key('A'), units(1_000_000))] });
  },
  pay_op_source_other: async (stage) => {
    await stage.fund('A', 'B', 'C');
    const operations = [payTo(stage.key('B'), units(1), NATIVE, stage.key('C'))];
    return stage.envelope({ source: stage.key('A'), operations, signers: [stage.key('A'), stage.key('C')] });
  },
  op_source_not_signed: async (stage) => {
    await stage.fund('A', 'B', 'C');
    const operations = [payTo(stage.key('B'), units(1), NATIVE, stage.key('C'))];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  op_source_missing_account: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [payTo(stage.key('B'), units(1), NATIVE, stage.key('N'))];
    return stage.envelope({ source: stage.key('A'), operations, signers: [stage.key('A'), stage.key('N')] });
  },
  op_source_created_in_same_tx: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [
      create(stage.key('N'), units(10)),
      payTo(stage.key('B'), units(1), NATIVE, stage.key('N')),
    ];
    return stage.envelope({ source: stage.key('A'), operations, signers: [stage.key('A'), stage.key('N')] });
  },
  pay_to_merged_account: async (stage) => {
    await stage.fund('A', 'B', 'C');
    await stage.do(stage.key('B'), [merge(stage.key('C'))]);
    return stage.envelope({ source: stage.key('A'), operations: [payTo(stage.key('B'), units(1))] });
  },
  muxed_destination: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [payMuxed(muxedOfKey(stage.key('B'), 12_345n), units(1))];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  muxed_source: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [payTo(stage.key('B'), units(1))];
    return stage.envelope({ source: stage.key('A'), muxedId: 7n, operations });
  },
};

const limited =
  (amount: bigint): Scenario =>
  async (stage) => {
    await stage.fund('I', 'B');
    await stage.trustUsd(units(10), 'B');
    return usdPayment(stage, 'I', 'B', amount);
  };

const CREDIT_PAYMENTS: Scenarios = {
  pay_no_trust: async (stage) => {
    await stage.fund('I', 'B');
    return usdPayment(stage, 'I', 'B', units(1));
  },
  pay_credit_no_destination: async (stage) => {
    await holders(stage, units(10));
    return usdPayment(stage, 'A', 'N', units(1));
  },
  pay_line_full: limited(units(11)),
  pay_line_exactly_full: limited(units(10)),
  pay_credit_ok: async (stage) => {
    await holders(stage, units(100));
    return usdPayment(stage, 'A', 'B', units(10));
  },
  pay_src_no_trust: async (stage) => {
    await stage.fund('I', 'A', 'B');
    await stage.trustUsd(undefined, 'B');
    return usdPayment(stage, 'A', 'B', units(1));
  },
  pay_dest_not_authorized: async (stage) => {
    await stage.fund('I', 'B');
    await stage.do(stage.key('I'), [options({ setFlags: 1 })]);
    await stage.trustUsd(undefined, 'B');
    return usdPayment(stage, 'I', 'B', units(1));
  },
  pay_src_not_authorized: async (stage) => {
    await revocable(stage, { clear: 1 });
    return usdPayment(stage, 'A', 'B', units(1));
  },
  pay_deauthorized_to_issuer: async (stage) => {
    await revocable(stage, { clear: 1 });
    return usdPayment(stage, 'A', 'I', units(1));
  },
  pay_src_maintain_liabilities_only: async (stage) => {
    await revocable(stage, { clear: 1, set: 2 });
    return usdPayment(stage, 'A', 'B', units(1));
  },
  pay_credit_underfunded: async (stage) => {
    await holders(stage, units(10));
    return usdPayment(stage, 'A', 'B', units(11));
  },
  pay_self_credit: async (stage) => {
    await holders(stage, units(10));
    return usdPayment(stage, 'A', 'A', units(5));
  },
  pay_self_credit_no_trust: async (stage) => {
    await stage.fund('I', 'A');
    return usdPayment(stage, 'A', 'A', units(5));
  },
  pay_issuer_self: async (stage) => {
    await stage.fund('I');
    return usdPayment(stage, 'I', 'I', units(5));
  },
  pay_unknown_issuer: async (stage) => {
    await stage.fund('A', 'B');
    return usdPayment(stage, 'A', 'B', units(1));
  },
  pay_from_issuer: async (stage) => {
    await stage.fund('I', 'A');
    await stage.trustUsd(undefined, 'A');
    return usdPayment(stage, 'I', 'A', units(4));
  },
  pay_to_issuer: async (stage) => {
    await holders(stage, units(10));
    return usdPayment(stage, 'A', 'I', units(4));
  },
  pay_max_int64_from_issuer: async (stage) => {
    await stage.fund('I', 'A');
    await stage.trustUsd(undefined, 'A');
    return usdPayment(stage, 'I', 'A', LIMIT_MAX);
  },
  pay_credit_issuer_merged: async (stage) => {
    await holders(stage, units(10));
    await stage.fund('C');
    await stage.do(stage.key('I'), [merge(stage.key('C'))]);
    return usdPayment(stage, 'A', 'B', units(1));
  },
  pay_bad_asset_code: async (stage) => {
    await stage.fund('I', 'B');
    const assetCode = new xdr.AssetCode4(Buffer.from('U-D\0'));
    const asset = xdr.Asset.assetTypeCreditAlphanum4(
      new xdr.AlphaNum4({ assetCode, issuer: accountOfKey(stage.key('I')) }),
    );
    return stage.envelope({ source: stage.key('I'), operations: [payTo(stage.key('B'), units(1), asset)] });
  },
};

const PATH_PAYMENTS: Scenarios = {
  pp_same_asset_ok: async (stage) => {
    await holders(stage, units(100));
    const path = { send: stage.usd, destination: stage.key('B'), receive: stage.usd };
    return stage.envelope({ source: stage.key('A'), operations: [strictSend(path, units(1), units(1))] });
  },
  pp_send_no_path: async (stage) => {
    await holders(stage, units(100));
    const path = { send: NATIVE, destination: stage.key('B'), receive: stage.usd };
    return stage.envelope({ source: stage.key('A'), operations: [strictSend(path, units(1), 1n)] });
  },
  pp_receive_no_path: async (stage) => {
    await holders(stage, units(100));
    const path = { send: NATIVE, destination: stage.key('B'), receive: stage.usd };
    return stage.envelope({ source: stage.key('A'), operations: [strictReceive(path, units(1), units(10))] });
  },
  pp_no_destination: async (stage) => {
    await holders(stage, units(100));
    const path = { send: stage.usd, destination: stage.key('N'), receive: stage.usd };
    return stage.envelope({ source: stage.key('A'), operations: [strictSend(path, units(1), 1n)] });
  },
  pp_dest_no_trust: async (stage) => {
    await stage.fund('I', 'A', 'B');
    await stage.trustUsd(undefined, 'A');
    await stage.issueUsd('A', units(100));
    const path = { send: stage.usd, destination: stage.key('B'), receive: stage.usd };
    return stage.envelope({ source: stage.key('A'), operations: [strictSend(path, units(1), 1n)] });
  },
};

const TRUST: Scenarios = {
  ct_self: async (stage) => {
    await stage.fund('I');
    return stage.envelope({ source: stage.key('I'), operations: [trust(stage.usd)] });
  },
  ct_create_ok: async (stage) => {
    await stage.fund('I', 'A');
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd)] });
  },
  ct_low_reserve: async (stage) => {
    await stage.fund('I');
    await stage.fundWith(12_000_000n, 'N');
    return stage.envelope({ source: stage.key('N'), operations: [trust(stage.usd)] });
  },
  ct_delete_missing: async (stage) => {
    await stage.fund('I', 'A');
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd, 0n)] });
  },
  ct_negative_limit: async (stage) => {
    await stage.fund('I', 'A');
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd, -1n)] });
  },
  ct_native: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [trust(NATIVE)] });
  },
  ct_no_issuer: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd)] });
  },
  ct_delete_ok: async (stage) => {
    await stage.fund('I', 'A');
    await stage.trustUsd(undefined, 'A');
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd, 0n)] });
  },
  ct_limit_below_balance: async (stage) => {
    await holders(stage, units(10));
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd, units(5))] });
  },
  ct_delete_with_balance: async (stage) => {
    await holders(stage, units(10));
    return stage.envelope({ source: stage.key('A'), operations: [trust(stage.usd, 0n)] });
  },
};

export const PAYMENT_SCENARIOS: Scenarios = {
  ...CREATIONS,
  ...NATIVE_PAYMENTS,
  ...PROMISED_PAYMENTS,
  ...CREDIT_PAYMENTS,
  ...PATH_PAYMENTS,
  ...TRUST,
};
