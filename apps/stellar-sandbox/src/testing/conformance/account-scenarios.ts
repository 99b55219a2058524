import { createHash } from 'node:crypto';

import { Keypair, xdr } from '@stellar/stellar-sdk';

import { envelopeOfForm, hashOfForm } from './envelope-form';
import { bump, data, keySigner, merge, options, type OptionsForm, payTo, trust } from './operation-forms';
import type { Scenario, Scenarios } from './scenario';
import { type Stage, units } from './stage';

/** A sets options on itself, from a stage where it has done so before. */
const optionsOf =
  (form: (stage: Stage) => OptionsForm, before?: (stage: Stage) => OptionsForm): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B');
    if (before !== undefined) await stage.do(stage.key('A'), [options(before(stage))]);
    return stage.envelope({ source: stage.key('A'), operations: [options(form(stage))] });
  };

/** A pays B after it has changed who may sign; these roles sign. */
const signedBy =
  (roles: readonly string[], before: (stage: Stage) => readonly xdr.Operation[]): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B', 'C');
    for (const operation of before(stage)) await stage.do(stage.key('A'), [operation]);
    const operations = [payTo(stage.key('C'), units(1))];
    return stage.envelope({
      source: stage.key('A'),
      operations,
      signers: roles.map((role) => stage.key(role)),
    });
  };

const addB = (stage: Stage, more: OptionsForm = {}): xdr.Operation =>
  options({ signer: keySigner(stage.key('B'), 1), ...more });

const SIGNERS: Scenarios = {
  ms_med_threshold_unmet: signedBy(['A'], () => [options({ medium: 2 })]),
  ms_low_threshold_unmet: async (stage) => {
    await stage.fund('A');
    await stage.do(stage.key('A'), [options({ low: 2 })]);
    return stage.envelope({ source: stage.key('A'), operations: [bump(0n)] });
  },
  ms_master_weight_0: signedBy(['A'], (stage) => [addB(stage, { masterWeight: 0 })]),
  ms_more_than_needed: signedBy(['A', 'B'], (stage) => [addB(stage)]),
  ms_signer_only_ok: signedBy(['B'], (stage) => [addB(stage)]),
  ms_two_of_two_ok: signedBy(['A', 'B'], (stage) => [addB(stage, { medium: 2 })]),
  ms_signer_removed: signedBy(['B'], (stage) => [
    addB(stage),
    options({ signer: keySigner(stage.key('B'), 0) }),
  ]),
  ms_self_as_signer: optionsOf((stage) => ({ signer: keySigner(stage.key('A'), 1) })),
  ms_weight_256: optionsOf(() => ({ masterWeight: 256 })),
  ms_remove_unknown_signer: optionsOf((stage) => ({ signer: keySigner(stage.key('B'), 0) })),
  ms_high_threshold_unmet: optionsOf(
    (stage) => ({ signer: keySigner(stage.key('B'), 1) }),
    () => ({ high: 5 }),
  ),
  ms_high_threshold_unmet_home_domain: optionsOf(
    () => ({ homeDomain: 'a.test' }),
    () => ({ high: 5 }),
  ),
  ms_21_signers: async (stage) => {
    await stage.fund('A');
    const twenty = Array.from({ length: 20 }, () => options({ signer: keySigner(Keypair.random(), 1) }));
    await stage.do(stage.key('A'), twenty);
    const operations = [options({ signer: keySigner(Keypair.random(), 1) })];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  ms_signer_low_reserve: async (stage) => {
    await stage.fundWith(12_000_000n, 'N');
    const operations = [options({ signer: keySigner(stage.key('B'), 1) })];
    return stage.envelope({ source: stage.key('N'), operations });
  },
  ms_hashx_ok: async (stage) => {
    await stage.fund('A', 'B');
    const preimage = Buffer.from('an open secret');
    const hash = createHash('sha256').update(preimage).digest();
    const key = xdr.SignerKey.signerKeyTypeHashX(hash);
    await stage.do(stage.key('A'), [options({ signer: { key, weight: 1 } })]);
    const operations = [payTo(stage.key('B'), units(1))];
    const form = await stage.form({ source: stage.key('A'), operations, signers: [] });
    const hint = new xdr.SignatureHint(hash.subarray(28));
    return envelopeOfForm(form, [
      new xdr.DecoratedSignature({ hint, signature: new xdr.Signature(preimage) }),
    ]);
  },
  ms_preauth_tx_ok: async (stage) => {
    await stage.fund('A', 'B');
    const source = stage.key('A');
    const sequence = (await stage.sequence(source)) + 2n;
    const operations = [payTo(stage.key('B'), units(1))];
    const form = await stage.form({ source, sequence, operations, signers: [] });
    const key = xdr.SignerKey.signerKeyTypePreAuthTx(hashOfForm(form));
    await stage.do(source, [options({ signer: { key, weight: 1 } })]);
    return envelopeOfForm(form);
  },
};

const OPTIONS: Scenarios = {
  so_unknown_flag: optionsOf(() => ({ setFlags: 16 })),
  so_set_and_clear_same: optionsOf(() => ({ setFlags: 1, clearFlags: 1 })),
  so_clawback_without_revocable: optionsOf(() => ({ setFlags: 8 })),
  so_invalid_inflation: optionsOf((stage) => ({ inflationDest: stage.key('N') })),
  so_home_domain_invalid_char: optionsOf(() => ({ homeDomain: 'a\u0001b' })),
  so_empty: optionsOf(() => ({})),
  so_immutable_cant_change: optionsOf(
    () => ({ setFlags: 1 }),
    () => ({ setFlags: 4 }),
  ),
};

const dataOf =
  (name: string, value: string | null, before?: string): Scenario =>
  async (stage) => {
    await stage.fund('A');
    if (before !== undefined) await stage.do(stage.key('A'), [data(name, before)]);
    return stage.envelope({ source: stage.key('A'), operations: [data(name, value)] });
  };

const DATA: Scenarios = {
  data_set_ok: dataOf('k', 'v'),
  data_delete_ok: dataOf('k', null, 'v'),
  data_delete_missing: dataOf('k', null),
  data_empty_name: dataOf('', 'v'),
  data_low_reserve: async (stage) => {
    await stage.fundWith(12_000_000n, 'N');
    return stage.envelope({ source: stage.key('N'), operations: [data('k', 'v')] });
  },
  bump_ok: async (stage) => {
    await stage.fund('A');
    const target = (await stage.sequence(stage.key('A'))) + 100n;
    return stage.envelope({ source: stage.key('A'), operations: [bump(target)] });
  },
  bump_negative: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [bump(-1n)] });
  },
  bump_backward: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [bump(1n)] });
  },
};

const mergeInto =
  (to: string, before: (stage: Stage) => readonly xdr.Operation[] = () => []): Scenario =>
  async (stage) => {
    await stage.fund('A', 'B', 'I');
    for (const operation of before(stage)) await stage.do(stage.key('A'), [operation]);
    return stage.envelope({ source: stage.key('A'), operations: [merge(stage.key(to))] });
  };

const MERGES: Scenarios = {
  merge_ok: mergeInto('B'),
  merge_self: mergeInto('A'),
  merge_no_destination: mergeInto('N'),
  merge_sub_entries: mergeInto('B', (stage) => [trust(stage.usd)]),
  merge_only_signers: mergeInto('B', (stage) => [options({ signer: keySigner(stage.key('X'), 1) })]),
  merge_immutable: mergeInto('B', () => [options({ setFlags: 4 })]),
  merge_seqnum_too_far: mergeInto('B', () => [bump(9_000_000_000_000_000_000n)]),
};

export const ACCOUNT_SCENARIOS: Scenarios = { ...SIGNERS, ...OPTIONS, ...DATA, ...MERGES };
