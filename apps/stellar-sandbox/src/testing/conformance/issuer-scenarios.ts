import { allow, claw, lineFlags, options } from './operation-forms';
import type { Scenario, Scenarios } from './scenario';
import { type Stage, units } from './stage';

async function issuerWithHolder(stage: Stage, flags: number, held = 0n): Promise<void> {
  await stage.fund('I', 'A');
  if (flags !== 0) await stage.do(stage.key('I'), [options({ setFlags: flags })]);
  await stage.trustUsd(undefined, 'A');
  if (held > 0n) await stage.issueUsd('A', held);
}

const clawback =
  (flags: number, amount: bigint): Scenario =>
  async (stage) => {
    await issuerWithHolder(stage, flags, units(10));
    return stage.envelope({ source: stage.key('I'), operations: [claw(stage.key('A'), amount, stage.usd)] });
  };

export const ISSUER_SCENARIOS: Scenarios = {
  stf_no_trustline: async (stage) => {
    await stage.fund('I', 'A');
    const operations = [lineFlags(stage.key('A'), stage.usd, { set: 1 })];
    return stage.envelope({ source: stage.key('I'), operations });
  },
  stf_not_issuer: async (stage) => {
    await stage.fund('I', 'A', 'B');
    await stage.trustUsd(undefined, 'A');
    const operations = [lineFlags(stage.key('A'), stage.usd, { set: 1 })];
    return stage.envelope({ source: stage.key('B'), operations });
  },
  stf_revoke_not_revocable: async (stage) => {
    await issuerWithHolder(stage, 0);
    const operations = [lineFlags(stage.key('A'), stage.usd, { clear: 1 })];
    return stage.envelope({ source: stage.key('I'), operations });
  },
  stf_authorize_ok: async (stage) => {
    await issuerWithHolder(stage, 1);
    const operations = [lineFlags(stage.key('A'), stage.usd, { set: 1 })];
    return stage.envelope({ source: stage.key('I'), operations });
  },
  allow_trust_no_trustline: async (stage) => {
    await stage.fund('I', 'A');
    await stage.do(stage.key('I'), [options({ setFlags: 1 })]);
    return stage.envelope({ source: stage.key('I'), operations: [allow(stage.key('A'), 'USD', 1)] });
  },
  allow_trust_ok: async (stage) => {
    await issuerWithHolder(stage, 1);
    return stage.envelope({ source: stage.key('I'), operations: [allow(stage.key('A'), 'USD', 1)] });
  },
  allow_trust_revoke_not_revocable: async (stage) => {
    await issuerWithHolder(stage, 1);
    return stage.envelope({ source: stage.key('I'), operations: [allow(stage.key('A'), 'USD', 0)] });
  },
  clawback_ok: clawback(2 + 8, units(4)),
  clawback_underfunded: clawback(2 + 8, units(11)),
  clawback_not_enabled: clawback(0, units(4)),
  clawback_no_trust: async (stage) => {
    await stage.fund('I', 'A');
    return stage.envelope({
      source: stage.key('I'),
      operations: [claw(stage.key('A'), units(1), stage.usd)],
    });
  },
  clawback_enabled_after_trustline: async (stage) => {
    await issuerWithHolder(stage, 0, units(10));
    await stage.do(stage.key('I'), [options({ setFlags: 2 + 8 })]);
    return stage.envelope({
      source: stage.key('I'),
      operations: [claw(stage.key('A'), units(4), stage.usd)],
    });
  },
};
