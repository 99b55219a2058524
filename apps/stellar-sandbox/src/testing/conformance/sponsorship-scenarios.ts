import { begin, create, end, merge, payTo, revokeAccount, revokeLine, trust } from './operation-forms';
import type { Scenarios } from './scenario';
import { type Stage, units } from './stage';

const keysOf = (stage: Stage, ...roles: readonly string[]) => roles.map((role) => stage.key(role));

/** A pays the reserve of an account N that starts with this much. */
async function sponsoredAccount(stage: Stage, balance: bigint): Promise<void> {
  const [n, a] = [stage.key('N'), stage.key('A')];
  await stage.fund('A');
  await stage.do(a, [begin(n), create(n, balance), end(n)], [a, n]);
}

/** A pays the reserve of B's trustline. */
async function sponsoredLine(stage: Stage): Promise<void> {
  const [a, b] = [stage.key('A'), stage.key('B')];
  await stage.fund('A', 'B', 'I');
  await stage.do(a, [begin(b), trust(stage.usd, undefined, b), end(b)], [a, b]);
}

const BEGIN_AND_END: Scenarios = {
  sp_create_account_ok: async (stage) => {
    await stage.fund('A');
    const n = stage.key('N');
    const operations = [begin(n), create(n, 0n), end(n)];
    return stage.envelope({ source: stage.key('A'), operations, signers: keysOf(stage, 'A', 'N') });
  },
  sp_begin_self: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [begin(stage.key('A')), end()] });
  },
  sp_not_closed: async (stage) => {
    await stage.fund('A', 'B');
    const operations = [begin(stage.key('B')), payTo(stage.key('B'), units(1))];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  sp_begin_twice: async (stage) => {
    await stage.fund('A', 'B');
    const b = stage.key('B');
    const operations = [begin(b), begin(b), end(b), end(b)];
    return stage.envelope({ source: stage.key('A'), operations, signers: keysOf(stage, 'A', 'B') });
  },
  sp_end_without_begin: async (stage) => {
    await stage.fund('A');
    return stage.envelope({ source: stage.key('A'), operations: [end()] });
  },
  sp_recursive: async (stage) => {
    await stage.fund('A', 'B', 'C');
    const [b, c] = [stage.key('B'), stage.key('C')];
    const operations = [begin(b), begin(c, b), end(c), end(b)];
    return stage.envelope({ source: stage.key('A'), operations, signers: keysOf(stage, 'A', 'B', 'C') });
  },
  sp_trustline_ok: async (stage) => {
    await stage.fund('A', 'I');
    await stage.fundWith(units(1), 'N');
    const n = stage.key('N');
    const operations = [begin(n), trust(stage.usd, undefined, n), end(n)];
    return stage.envelope({ source: stage.key('A'), operations, signers: keysOf(stage, 'A', 'N') });
  },
  sp_sponsor_low_reserve: async (stage) => {
    await stage.fund('B', 'I');
    await stage.fundWith(12_000_000n, 'N');
    const b = stage.key('B');
    const operations = [begin(b), trust(stage.usd, undefined, b), end(b)];
    return stage.envelope({ source: stage.key('N'), operations, signers: keysOf(stage, 'N', 'B') });
  },
  sp_sponsored_account_spends_to_zero: async (stage) => {
    await sponsoredAccount(stage, units(5));
    return stage.envelope({ source: stage.key('N'), operations: [payTo(stage.key('A'), 49_999_900n)] });
  },
};

const REVOKE: Scenarios = {
  sp_revoke_owner_low_reserve: async (stage) => {
    await sponsoredAccount(stage, 0n);
    return stage.envelope({ source: stage.key('A'), operations: [revokeAccount(stage.key('N'))] });
  },
  sp_revoke_ok: async (stage) => {
    await sponsoredLine(stage);
    const operations = [revokeLine(stage.key('B'), 'USD', stage.key('I'))];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  sp_revoke_missing_entry: async (stage) => {
    await stage.fund('A', 'B', 'I');
    const operations = [revokeLine(stage.key('B'), 'USD', stage.key('I'))];
    return stage.envelope({ source: stage.key('A'), operations });
  },
  sp_revoke_not_sponsor: async (stage) => {
    await sponsoredLine(stage);
    await stage.fund('C');
    const operations = [revokeLine(stage.key('B'), 'USD', stage.key('I'))];
    return stage.envelope({ source: stage.key('C'), operations });
  },
  merge_is_sponsor: async (stage) => {
    await sponsoredLine(stage);
    return stage.envelope({ source: stage.key('A'), operations: [merge(stage.key('B'))] });
  },
};

export const SPONSORSHIP_SCENARIOS: Scenarios = { ...BEGIN_AND_END, ...REVOKE };
