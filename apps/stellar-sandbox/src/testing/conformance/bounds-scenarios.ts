import { Keypair, xdr } from '@stellar/stellar-sdk';

import { oldEnvelopeOfForm } from './envelope-form';
import { bump, inflation, payTo } from './operation-forms';
import type { Scenario, Scenarios } from './scenario';
import { type Parameters, type Stage, units } from './stage';

const now = (): bigint => BigInt(Math.floor(Date.now() / 1000));

const time = (minTime: bigint, maxTime: bigint): xdr.Preconditions =>
  xdr.Preconditions.precondTime(new xdr.TimeBounds({ minTime, maxTime }));

interface Bounds {
  readonly minLedger?: number;
  readonly maxLedger?: number;
  readonly minSeqNum?: bigint;
  readonly minSeqAge?: bigint;
  readonly minSeqLedgerGap?: number;
  readonly extraSigners?: readonly Keypair[];
}

const bounds = (wanted: Bounds): xdr.Preconditions => {
  const { maxLedger, minLedger } = wanted;
  return xdr.Preconditions.precondV2(
    new xdr.PreconditionsV2({
      timeBounds: null,
      ledgerBounds:
        maxLedger === undefined && minLedger === undefined
          ? null
          : new xdr.LedgerBounds({ minLedger: minLedger ?? 0, maxLedger: maxLedger ?? 0 }),
      minSeqNum: wanted.minSeqNum ?? null,
      minSeqAge: wanted.minSeqAge ?? 0n,
      minSeqLedgerGap: wanted.minSeqLedgerGap ?? 0,
      extraSigners: (wanted.extraSigners ?? []).map((key) =>
        xdr.SignerKey.signerKeyTypeEd25519(key.rawPublicKey()),
      ),
    }),
  );
};

/** A pays B 1 XLM, with something unusual about the ledger transaction. */
const unusual =
  (more: (stage: Stage) => Promise<Partial<Parameters>> | Partial<Parameters>): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B');
    const operations = [payTo(stage.key('B'), units(1))];
    return stage.envelope({ source: stage.key('A'), operations, ...(await more(stage)) });
  };

const sequenceOfA = async (stage: Stage): Promise<bigint> => stage.sequence(stage.key('A'));

async function latestLedger(stage: Stage): Promise<number> {
  const { json } = await stage.client.get('/');
  return Number(json['history_latest_ledger']);
}

const SEQUENCES: Scenarios = {
  tx_bad_seq_used: unusual(async (stage) => ({ sequence: await sequenceOfA(stage) })),
  tx_bad_seq_gap: unusual(async (stage) => ({ sequence: (await sequenceOfA(stage)) + 2n })),
  tx_bad_seq_zero: unusual(() => ({ sequence: 0n })),
  tx_min_seq_num_ok: unusual(async (stage) => ({
    sequence: (await sequenceOfA(stage)) + 6n,
    conditions: bounds({ minSeqNum: 0n }),
  })),
  tx_min_seq_num_unmet: unusual(async (stage) => {
    const sequence = await sequenceOfA(stage);
    return { sequence: sequence + 6n, conditions: bounds({ minSeqNum: sequence + 3n }) };
  }),
  tx_min_seq_age: unusual(() => ({ conditions: bounds({ minSeqAge: 3600n }) })),
  tx_min_seq_age_after_use: unusual(async (stage) => {
    await stage.do(stage.key('A'), [bump(0n)]);
    return { conditions: bounds({ minSeqAge: 3600n }) };
  }),
  tx_min_seq_ledger_gap: unusual(() => ({ conditions: bounds({ minSeqLedgerGap: 10_000 }) })),
};

const TIMES: Scenarios = {
  tx_too_late: unusual(() => ({ conditions: time(0n, now() - 60n) })),
  tx_too_early: unusual(() => ({ conditions: time(now() + 3600n, 0n) })),
  tx_timebounds_min_after_max: unusual(() => ({ conditions: time(now() + 3600n, now() + 60n) })),
  tx_infinite_timebounds: unusual(() => ({ conditions: time(0n, 0n) })),
  tx_no_timebounds: unusual(() => ({ conditions: xdr.Preconditions.precondNone() })),
  tx_ledgerbounds_too_late: unusual(() => ({ conditions: bounds({ maxLedger: 5 }) })),
  tx_ledgerbounds_too_early: unusual(async (stage) => ({
    conditions: bounds({ minLedger: (await latestLedger(stage)) + 1000 }),
  })),
  tx_ledgerbounds_next_only: unusual(async (stage) => ({
    conditions: bounds({ maxLedger: (await latestLedger(stage)) + 1 }),
  })),
};

const FEES: Scenarios = {
  tx_insufficient_fee_99: unusual(() => ({ fee: 99 })),
  tx_insufficient_fee_2ops: unusual((stage) => ({
    fee: 199,
    operations: [payTo(stage.key('B'), units(1)), payTo(stage.key('B'), units(1))],
  })),
  tx_fee_zero: unusual(() => ({ fee: 0 })),
  tx_insufficient_balance_by_maxfee: unusual((stage) => ({
    fee: 995_000_000,
    operations: [payTo(stage.key('B'), 1_000_000n)],
  })),
  tx_insufficient_balance: async (stage) => {
    await stage.fundWith(units(1), 'N');
    return stage.envelope({ source: stage.key('N'), operations: [bump(0n)] });
  },
};

const AUTHORITY: Scenarios = {
  tx_extra_signer_missing: unusual((stage) => ({
    conditions: bounds({ extraSigners: [stage.key('X')] }),
  })),
  tx_extra_signer_ok: unusual((stage) => ({
    conditions: bounds({ extraSigners: [stage.key('X')] }),
    signers: [stage.key('A'), stage.key('X')],
  })),
  tx_bad_auth_no_sig: unusual(() => ({ signers: [] })),
  tx_bad_auth_wrong_key: unusual((stage) => ({ signers: [stage.key('X')] })),
  tx_bad_auth_extra: unusual((stage) => ({ signers: [stage.key('A'), stage.key('B')] })),
  tx_bad_auth_duplicate_sig: unusual((stage) => ({ signers: [stage.key('A'), stage.key('A')] })),
  tx_bad_auth_wrong_network: unusual(() => ({ passphrase: 'Test SDF Network ; September 2015' })),
  tx_no_source_account: async (stage) => {
    await stage.fund('B');
    const operations = [payTo(stage.key('B'), units(1))];
    return stage.envelope({ source: stage.key('N'), sequence: 1n, operations });
  },
};

/** One more of an operation than the format allows: only bytes can say it. */
function withOneMoreOperation(envelope: string, operation: xdr.Operation, count: number): string {
  const bytes = Buffer.from(envelope, 'base64');
  const operationBytes = Buffer.from(operation.toXdr());
  const countAt = bytes.indexOf(operationBytes) - 4;
  bytes.writeUInt32BE(count + 1, countAt);
  return Buffer.concat([
    bytes.subarray(0, countAt + 4),
    operationBytes,
    bytes.subarray(countAt + 4),
  ]).toString('base64');
}

/** A text memo of 29 bytes, which the format does not have. */
function withLongerMemo(envelope: string, text: string): string {
  const bytes = Buffer.from(envelope, 'base64');
  const at = bytes.indexOf(Buffer.from(text, 'latin1'));
  bytes.writeUInt32BE(text.length + 1, at - 4);
  const end = at + text.length;
  const added = Buffer.from('x\0\0\0', 'latin1');
  return Buffer.concat([bytes.subarray(0, end), added, bytes.subarray(end)]).toString('base64');
}

const OPERATION_LISTS: Scenarios = {
  tx_missing_operation: unusual(() => ({ operations: [] })),
  inflation: unusual(() => ({ operations: [inflation()] })),
  two_ops_one_malformed: unusual((stage) => ({
    operations: [payTo(stage.key('B'), units(10)), payTo(stage.key('B'), 0n)],
  })),
  two_ops_first_fails: unusual((stage) => ({
    operations: [payTo(stage.key('B'), units(1000)), payTo(stage.key('B'), units(10))],
  })),
  two_ops_second_fails: unusual((stage) => ({
    operations: [payTo(stage.key('B'), units(10)), payTo(stage.key('B'), units(1000))],
  })),
  ops_100_ok: unusual((stage) => ({
    operations: Array.from({ length: 100 }, () => payTo(stage.key('B'), 10_000n)),
  })),
  ops_100_one_fails: unusual((stage) => ({
    operations: Array.from({ length: 100 }, (_, index) =>
      payTo(stage.key(index === 49 ? 'N' : 'B'), 10_000n),
    ),
  })),
  ops_101: async (stage) => {
    await stage.fund('A', 'B');
    const operation = payTo(stage.key('B'), 10_000n);
    const operations = Array.from({ length: 100 }, () => operation);
    const envelope = await stage.envelope({ source: stage.key('A'), operations, fee: 10_100 });
    return withOneMoreOperation(envelope, operation, 100);
  },
  tx_envelope_v0: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [payTo(stage.key('B'), units(1))];
    return oldEnvelopeOfForm(await stage.form({ source: stage.key('A'), operations }), stage.key('A'));
  },
};

export const MEMOS: Readonly<Record<string, xdr.Memo>> = {
  none: xdr.Memo.memoNone(),
  text_28: xdr.Memo.memoText('x'.repeat(28)),
  text_empty: xdr.Memo.memoText(''),
  text_utf8: xdr.Memo.memoText('zażółć'),
  text_invalid_utf8: xdr.Memo.memoText(new Uint8Array([0xd1, 0x41, 0xff])),
  id_max: xdr.Memo.memoId(18_446_744_073_709_551_615n),
  hash: xdr.Memo.memoHash(new Uint8Array(32).fill(0xab)),
  return: xdr.Memo.memoReturn(new Uint8Array(32).fill(0xcd)),
};

const MEMO_SCENARIOS: Scenarios = {
  ...Object.fromEntries(
    Object.entries(MEMOS).map(([name, memo]): [string, Scenario] => [
      `memo_${name}`,
      unusual(() => ({ memo })),
    ]),
  ),
  memo_text_29_bytes: async (stage) => {
    await stage.fund('A', 'B');
    const text = 'y'.repeat(28);
    const operations = [payTo(stage.key('B'), units(1))];
    const memo = xdr.Memo.memoText(text);
    return withLongerMemo(await stage.envelope({ source: stage.key('A'), operations, memo }), text);
  },
};

export const BOUNDS_SCENARIOS: Scenarios = {
  ...SEQUENCES,
  ...TIMES,
  ...FEES,
  ...AUTHORITY,
  ...OPERATION_LISTS,
  ...MEMO_SCENARIOS,
};
