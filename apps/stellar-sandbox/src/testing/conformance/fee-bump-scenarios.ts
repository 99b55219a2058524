import { xdr } from '@stellar/stellar-sdk';

import { bumpOfForm, envelopeOfForm, sealForm } from './envelope-form';
import { payTo } from './operation-forms';
import type { Scenario, Scenarios } from './scenario';
import { type Parameters, type Stage, units } from './stage';

const payment = (stage: Stage): Parameters => ({
  source: stage.key('A'),
  operations: [payTo(stage.key('B'), units(1))],
});

/** F pays the fee of A's payment to B. */
const bumped =
  (
    fee: bigint,
    more: (stage: Stage) => Promise<Partial<Parameters>> | Partial<Parameters> = () => ({}),
  ): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B', 'F');
    return stage.bump({ ...payment(stage), ...(await more(stage)) }, { fee });
  };

const outer =
  (signers: (stage: Stage) => readonly string[]): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B', 'F');
    return stage.bump(payment(stage), { fee: 400n, signers: signers(stage).map((role) => stage.key(role)) });
  };

const over = (maxTime: bigint): xdr.Preconditions =>
  xdr.Preconditions.precondTime(new xdr.TimeBounds({ minTime: 0n, maxTime }));

const GOOD: Scenarios = {
  feebump_ok: bumped(400n),
  feebump_ok_inner_fee_0: bumped(200n, () => ({ fee: 0 })),
  feebump_same_source: async (stage) => {
    await stage.fund('A', 'B');
    return stage.bump(payment(stage), { fee: 400n, feeSource: stage.key('A') });
  },
  feebump_ok_inner_no_native_left: async (stage) => {
    await stage.fund('I', 'B', 'F');
    // The reserve of an account with one trustline, and the fee for making it.
    await stage.fundWith(15_000_100n, 'N');
    await stage.trustUsd(undefined, 'N', 'B');
    await stage.issueUsd('N', units(10));
    const operations = [payTo(stage.key('B'), units(1), stage.usd)];
    return stage.bump({ source: stage.key('N'), operations, fee: 0 }, { fee: 200n });
  },
  feebump_inner_failed_op: bumped(400n, (stage) => ({ operations: [payTo(stage.key('B'), units(1000))] })),
  inner_submitted_after_feebump: async (stage) => {
    await stage.fund('A', 'B', 'F');
    const form = await stage.form(payment(stage));
    const feeSource = stage.key('F');
    const { passphrase } = stage.sandbox;
    const inner = sealForm(form);
    const first = await stage.include(
      bumpOfForm({ inner, feeSource, fee: 400n, signers: [feeSource], passphrase }),
    );
    if (first.status !== 200) throw new Error(first.text);
    return envelopeOfForm(form);
  },
};

const BAD_INNER: Scenarios = {
  feebump_inner_bad_seq: bumped(400n, async (stage) => ({
    sequence: (await stage.sequence(stage.key('A'))) + 10n,
  })),
  feebump_inner_too_late: bumped(400n, () => ({ conditions: over(1000n) })),
  feebump_inner_unsigned: bumped(400n, () => ({ signers: [] })),
  feebump_inner_missing_source: async (stage) => {
    await stage.fund('B', 'F');
    return stage.bump({ ...payment(stage), source: stage.key('N'), sequence: 1n }, { fee: 400n });
  },
  feebump_of_included_inner: async (stage) => {
    await stage.fund('A', 'B', 'F');
    const form = await stage.form(payment(stage));
    const feeSource = stage.key('F');
    const first = await stage.include(envelopeOfForm(form));
    if (first.status !== 200) throw new Error(first.text);
    const { passphrase } = stage.sandbox;
    return bumpOfForm({ inner: sealForm(form), feeSource, fee: 400n, signers: [feeSource], passphrase });
  },
};

const BAD_OUTER: Scenarios = {
  feebump_insufficient_fee: bumped(199n),
  feebump_fee_rate_below_inner: bumped(200n, () => ({ fee: 500 })),
  feebump_fee_source_missing: async (stage) => {
    await stage.fund('A', 'B');
    return stage.bump(payment(stage), { fee: 400n });
  },
  feebump_fee_source_poor: async (stage) => {
    await stage.fund('A', 'B');
    await stage.fundWith(units(1), 'F');
    return stage.bump(payment(stage), { fee: 400n });
  },
  feebump_outer_unsigned: outer(() => []),
  feebump_extra_signature: outer(() => ['F', 'B']),
};

export const FEE_BUMP_SCENARIOS: Scenarios = { ...GOOD, ...BAD_INNER, ...BAD_OUTER };
