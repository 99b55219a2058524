import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { compiledApp } from '../submission-process';
import { explore } from './explorer';
import { QUICK, SMALL } from './protocol-bounds';
import { ALL_RULES, without } from './protocol-rules';

const TWO_PROCESSES_AND_PEOPLE = { ...SMALL, channels: 1, workers: 2, people: true };
const CANNOT_PASS = { ...SMALL, cannotPass: [0] };

describe('the attempt protocol, in every state that it can reach', () => {
  it.each(QUICK)('holds every invariant, and can always come to an end: $name', ({ name, ...bounds }) => {
    const { broken, states } = explore(bounds, ALL_RULES);
    expect({ name, broken }).toEqual({ name, broken: null });
    expect(states).toBeGreaterThan(400);
  });

  it.each([
    ['(a) an attempt is committed before it is sent', 'storeBeforeSending', SMALL, 'I1'],
    ['(a) SENT is committed before the first byte', 'markBeforeSending', SMALL, 'I1'],
    ['(a) a restored database signs nothing unseen', 'restoreGuard', { ...SMALL, forgets: true }, 'I1'],
    [
      '(a) a restored database takes nothing back unseen',
      'restoreGuard',
      { ...SMALL, forgets: true, people: true },
      'I3',
    ],
    ['(b) only the envelopes of the live attempt are sent', 'ownEnvelopesOnly', SMALL, 'I1'],
    ['(c) a hash that is not found is no evidence', 'notFoundIsNoEvidence', SMALL, 'I1'],
    ['(c) expiry is proven by one answer', 'expiryByTheSameAnswer', { ...SMALL, lag: 2 }, 'I1'],
    ['(c) expiry is proven by a node of the same history', 'sameHistory', SMALL, 'I1'],
    ['(c) what superseded an attempt has been seen', 'supersededBySight', SMALL, 'I1'],
    ['(d) an attempt ends before its payments are signed again', 'endBeforeSigningAgain', SMALL, 'I1'],
    [
      '(e) a channel account serves one attempt',
      'oneAttemptPerChannel',
      { ...SMALL, payments: 2, channels: 1 },
      'I2',
    ],
    ['(f) a refusal is no evidence', 'refusalIsNoEvidence', SMALL, 'I1'],
    ['dispatch numbers', 'dispatchNumbers', SMALL, 'I1'],
    ['dispatch numbers, and people', 'dispatchNumbers', { ...SMALL, people: true }, 'I3'],
    ['holds are read again', 'holdsAreRead', { ...SMALL, people: true }, 'I9'],
  ] as const)('breaks without a rule: %s', (_, rule, bounds, invariant) => {
    expect(explore(bounds, ALL_RULES).broken).toBeNull();
    expect(explore(bounds, without(rule)).broken?.invariant).toBe(invariant);
  });

  it('keeps a channel account dead until its attempt has expired, without (f) the no-op', () => {
    expect(explore(CANNOT_PASS, ALL_RULES).ledgersToTheEnd).toBe(1);
    expect(explore(CANNOT_PASS, without('noOp')).ledgersToTheEnd).toBe(SMALL.lifetime + 1);
  });

  it('pays nobody twice even without ownership, since every move is guarded by what it starts from', () => {
    expect(explore(TWO_PROCESSES_AND_PEOPLE, without('ownership')).broken).toBeNull();
  });

  it('is explored by a command that says what it does instead of beginning', async () => {
    const run = (option: string): Promise<{ readonly stdout: string }> =>
      promisify(execFile)(process.execPath, [compiledApp('testing/model/main.js'), option]);
    expect((await run('--help')).stdout).toMatch(/^npm run model-check\n/);
    await expect(run('--state')).rejects.toMatchObject({ code: 2, stdout: '' });
  });
});
