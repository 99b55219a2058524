import { outcomeOfOperation } from './outcome-codes';
import { CODE_TABLES, UNREACHABLE_TABLES } from './outcome-table';
import { readResult } from './result-codes';
import { xdr } from '@stellar/stellar-sdk';

import { type Sandbox, startSandbox } from '../../../apps/stellar-sandbox/src/sandbox';
import { ACCOUNT_SCENARIOS } from '../../../apps/stellar-sandbox/src/testing/conformance/account-scenarios';
import { BOUNDS_SCENARIOS } from '../../../apps/stellar-sandbox/src/testing/conformance/bounds-scenarios';
import { FEE_BUMP_SCENARIOS } from '../../../apps/stellar-sandbox/src/testing/conformance/fee-bump-scenarios';
import { ISSUER_SCENARIOS } from '../../../apps/stellar-sandbox/src/testing/conformance/issuer-scenarios';
import {
  claimableBalance,
  end,
  keySigner,
  options,
} from '../../../apps/stellar-sandbox/src/testing/conformance/operation-forms';
import { PAYMENT_SCENARIOS } from '../../../apps/stellar-sandbox/src/testing/conformance/payment-scenarios';
import type { Scenarios } from '../../../apps/stellar-sandbox/src/testing/conformance/scenario';
import { SPONSORSHIP_SCENARIOS } from '../../../apps/stellar-sandbox/src/testing/conformance/sponsorship-scenarios';
import { Stage, units } from '../../../apps/stellar-sandbox/src/testing/conformance/stage';
import { at } from '../../../apps/stellar-sandbox/src/testing/ledger-client';

/** What no recorded scenario meets. */
const MORE: Scenarios = {
  operation_of_another_time: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [claimableBalance(units(1), stage.key('B'))];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  set_options_without_reserve: async (stage) => {
    await stage.fundWith(units(1), 'A');
    const operations = [options({ signer: keySigner(stage.key('B'), 1) })];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  end_alone: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [end()] });
  },
};

const SCENARIOS: Scenarios = {
  ...PAYMENT_SCENARIOS,
  ...ISSUER_SCENARIOS,
  ...BOUNDS_SCENARIOS,
  ...FEE_BUMP_SCENARIOS,
  ...ACCOUNT_SCENARIOS,
  ...SPONSORSHIP_SCENARIOS,
  ...MORE,
};

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Every enumeration of result codes that the protocol has, with the names in it. */
function protocol(): Map<string, string[]> {
  const enumerations = Object.entries(xdr).filter(([name]) => name.endsWith('ResultCode'));
  return new Map(
    enumerations.map(([name, one]) => [
      name,
      Object.entries(Object.getOwnPropertyDescriptors(one))
        .filter(
          ([, { value }]) =>
            typeof value === 'object' && value !== null && 'name' in value && 'value' in value,
        )
        .map(([member]) => member),
    ]),
  );
}

/** Notes what one result contains: `PaymentResultCode.paymentNoTrust` → `op_no_trust`. */
function see(result: string, seen: Map<string, string>): void {
  const codes = readResult(result);
  const { result: outer } = xdr.TransactionResult.fromXdr(result, 'base64');
  const isBump = outer.type === 'txFeeBumpInnerSuccess' || outer.type === 'txFeeBumpInnerFailed';
  if (isBump) seen.set(`TransactionResultCode.${outer.type}`, '');
  const inner = isBump ? outer.innerResultPair.result.result : outer;
  seen.set(`TransactionResultCode.${inner.type}`, codes?.code ?? '');
  const operations = 'results' in inner ? inner.results : [];
  operations.forEach((operation, index) => {
    const code = codes?.operationCodes[index] ?? '';
    seen.set(`OperationResultCode.${operation.type}`, operation.type === 'opInner' ? '' : code);
    if (operation.type !== 'opInner') return;
    const arm: unknown = Object.entries(operation.tr).find(([name]) => name.endsWith('Result'))?.[1];
    const member = String(at(arm, 'type'));
    seen.set(`${capital(operation.tr.type)}ResultCode.${member}`, code);
  });
}

describe('The table of outcomes', () => {
  const seen = new Map<string, string>();
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ closeMs: 0 });
    for (let closed = 0; closed < 10; closed += 1) await sandbox.closeLedger();
    for (const act of Object.values(SCENARIOS)) {
      const stage = new Stage(sandbox);
      const { json } = await stage.include(await act(stage));
      const result = json['result_xdr'] ?? at(json, 'extras', 'result_xdr');
      if (typeof result === 'string') see(result, seen);
    }
  });
  afterAll(async () => {
    await sandbox.close();
  });

  it('has every code of the protocol, once, and none that it does not have', () => {
    const known = [...protocol()].map(([name, members]) => [name, [...members].sort()]);
    const tabled = [
      ...Object.entries(CODE_TABLES).map(([name, { rows }]) => [name, Object.keys(rows).sort()]),
      ...known.filter(([name]) => UNREACHABLE_TABLES[String(name)] !== undefined),
    ];
    expect(tabled.sort()).toEqual(known.sort());
    expect(Object.keys(UNREACHABLE_TABLES).filter((name) => !protocol().has(name))).toEqual([]);
  });

  it('is reached by the sandbox through a real cause, code by code, but for those that say why not', () => {
    const rows = Object.entries(CODE_TABLES).flatMap(([name, { rows: own }]) =>
      Object.entries(own).map(([member, row]) => ({ name: `${name}.${member}`, row })),
    );
    const missed = rows.filter(({ name, row }) => !seen.has(name) && row.unreachable === undefined);
    expect(missed.map(({ name }) => name)).toEqual([]);
    // Whatever can be met after all must not claim that it cannot.
    const met = rows.filter(({ name, row }) => seen.has(name) && row.unreachable !== undefined);
    expect(met.map(({ name }) => name)).toEqual([]);
  });

  it('names codes as the network does', () => {
    const named = Object.entries(CODE_TABLES).flatMap(([name, { rows }]) =>
      Object.entries(rows).flatMap(([member, { code }]) => {
        const asSeen = seen.get(`${name}.${member}`) ?? '';
        return asSeen === '' ? [] : [[`${name}.${member}`, code, asSeen]];
      }),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(([, ours, theirs]) => ours !== theirs)).toEqual([]);
  });

  it('links each code to the public documentation', () => {
    for (const { documentation } of Object.values(CODE_TABLES)) {
      expect(documentation).toMatch(/^https:\/\/developers\.stellar\.org\/docs\/.+\/result-codes\//);
    }
  });

  it('gives a code one meaning, whichever operation of an attempt ends with it', () => {
    const meanings = new Map<string, Set<string>>();
    for (const { rows, use } of Object.values(CODE_TABLES)) {
      if (use === 'accounts') continue;
      for (const { code, class: meaning } of Object.values(rows)) {
        meanings.set(code, (meanings.get(code) ?? new Set()).add(meaning));
      }
    }
    expect([...meanings].filter(([, several]) => several.size > 1)).toEqual([]);
    expect(outcomeOfOperation('op_of_a_later_protocol').class).toBe('later');
  });
});
