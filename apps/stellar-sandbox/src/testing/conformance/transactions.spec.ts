import { type Sandbox, startSandbox } from '../../sandbox';
import { at, isRecord } from '../ledger-client';
import { ACCOUNT_SCENARIOS } from './account-scenarios';
import { changesOf, pictureOf, recordedChanges } from './account-picture';
import { BOUNDS_SCENARIOS } from './bounds-scenarios';
import { recorded } from './corpus';
import { decodedResult } from './decoded-result';
import { FEE_BUMP_SCENARIOS } from './fee-bump-scenarios';
import { ISSUER_SCENARIOS } from './issuer-scenarios';
import { LEFT_OUT } from './left-out';
import { claimableBalance } from './operation-forms';
import { PAYMENT_SCENARIOS } from './payment-scenarios';
import type { Scenarios } from './scenario';
import { SPONSORSHIP_SCENARIOS } from './sponsorship-scenarios';
import { Stage, units } from './stage';

const SCENARIOS: Scenarios = {
  ...PAYMENT_SCENARIOS,
  ...ISSUER_SCENARIOS,
  ...BOUNDS_SCENARIOS,
  ...FEE_BUMP_SCENARIOS,
  ...ACCOUNT_SCENARIOS,
  ...SPONSORSHIP_SCENARIOS,
};

const NOTHING: Record<string, unknown> = {};

/** Not a submission: asks for the inner hash of a fee bump. */
const LOOK_UP = 'lookup_feebump_by_inner_hash';

const scenarios = recorded('main');
const run = scenarios.flatMap((scenario) => {
  const act = SCENARIOS[scenario.scenario];
  return act === undefined ? [] : [{ ...scenario, act }];
});

describe('The sandbox answers as a real network', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ closeMs: 0 });
    // Some bounds name ledgers that must be past.
    for (let closed = 0; closed < 10; closed += 1) await sandbox.closeLedger();
  });

  afterAll(async () => {
    await sandbox.close();
  });

  it.each(run)('$scenario', async ({ act, fields }) => {
    const stage = new Stage(sandbox);
    const envelope = await act(stage);
    const effects = isRecord(fields['effects']) ? fields['effects'] : {};
    const roles = Object.keys(effects).filter((role) => role !== 'MM');
    const pictures = async () =>
      Promise.all(roles.map(async (role) => pictureOf(stage.client, stage.key(role).publicKey())));
    const before = await pictures();
    const answer = await stage.include(envelope);
    const after = await pictures();
    const hash = sandbox.hashOf(envelope);
    const lookup = hash === null ? null : await stage.client.get(`/transactions/${hash}`);
    const codes = at(answer.json, 'extras', 'result_codes');
    const result = answer.json['result_xdr'] ?? at(answer.json, 'extras', 'result_xdr');

    expect({
      status: answer.status,
      type: answer.json['type'],
      title: answer.json['title'],
      codes,
      extras: isRecord(answer.json['extras']) ? Object.keys(answer.json['extras']).sort() : undefined,
    }).toEqual({
      status: fields['http_status'],
      type: fields['type'],
      title: fields['title'],
      codes: fields['result_codes'],
      extras: fields['extras_keys'],
    });
    if (fields['result'] !== undefined) expect(decodedResult(String(result))).toEqual(fields['result']);
    for (const name of ['fee_charged', 'max_fee', 'operation_count']) {
      if (fields[name] !== undefined) expect(answer.json[name]).toEqual(fields[name]);
    }
    if (isRecord(fields['lookup_after'])) {
      const { successful, fee_charged } = lookup?.json ?? NOTHING;
      const found = lookup?.status === 200 ? { successful, fee_charged } : {};
      expect({ status: lookup?.status, ...found }).toEqual(fields['lookup_after']);
    }
    const changes = roles.map((role, index) => [
      role,
      changesOf(before[index] ?? null, after[index] ?? null),
    ]);
    const expected = roles.map((role) => [role, recordedChanges(effects[role])]);
    expect(Object.fromEntries(changes)).toEqual(Object.fromEntries(expected));
  });

  it('finds a fee bump by its inner hash, with the signatures of the inner one', async () => {
    const stage = new Stage(sandbox);
    const inner = await FEE_BUMP_SCENARIOS['inner_submitted_after_feebump']?.(stage);
    const hash = sandbox.hashOf(inner ?? '');
    const { json, status } = await stage.client.get(`/transactions/${String(hash)}`);
    expect(status).toBe(scenarios.find(({ scenario }) => scenario === LOOK_UP)?.fields['http_status']);
    expect(json['hash']).toBe(hash);
    expect(json['signatures']).toEqual(at(json, 'inner_transaction', 'signatures'));
    expect(at(json, 'inner_transaction', 'hash')).toBe(hash);
    expect(at(json, 'fee_bump_transaction', 'hash')).not.toBe(hash);
    expect(json['fee_account']).toBe(stage.key('F').publicKey());
  });

  it('refuses operations that it does not know, instead of guessing', async () => {
    const stage = new Stage(sandbox);
    await stage.fund('A', 'B');
    const operations = [claimableBalance(units(1), stage.key('B'))];
    const { json, status } = await stage.client.post(
      await stage.envelope({ source: stage.key('A'), operations }),
    );
    expect([status, at(json, 'extras', 'result_codes')]).toEqual([
      400,
      { transaction: 'tx_failed', operations: ['op_not_supported'] },
    ]);
  });

  it('replays every recorded scenario, or says why not', () => {
    const names = scenarios.map(({ scenario }) => scenario);
    const covered = [...Object.keys(SCENARIOS), ...Object.keys(LEFT_OUT), LOOK_UP];
    expect(covered.filter((name) => names.includes(name)).sort()).toEqual([...names].sort());
    const mainLeftOut = Object.keys(LEFT_OUT).filter((name) => SCENARIOS[name] !== undefined);
    expect(mainLeftOut).toEqual([]);
    expect(Object.keys(SCENARIOS).filter((name) => !names.includes(name))).toEqual([]);
  });
});
