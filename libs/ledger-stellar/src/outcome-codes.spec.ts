import fs from 'node:fs';
import path from 'node:path';

import { outcomeOfOperation, refusalOf } from './outcome-codes';
import { readResult } from './result-codes';

describe('the meaning of a result code', () => {
  it.each([
    ['op_no_trust', 'final', false],
    ['op_line_full', 'final', true],
    ['op_underfunded', 'ours', true],
    ['op_src_no_trust', 'ours', false],
    ['op_success', 'success', false],
    ['op_from_a_later_protocol', 'later', false],
  ])('of %s in a closed ledger is %s', (code, meaning, dependsOnOrder) => {
    expect(outcomeOfOperation(code)).toEqual({ code, class: meaning, dependsOnOrder });
  });

  it.each([
    ['tx_bad_seq', [], 'tx_bad_seq', 'resend'],
    ['tx_insufficient_fee', [], 'tx_insufficient_fee', 'bump'],
    ['tx_insufficient_balance', [], 'tx_insufficient_balance', 'ours'],
    ['tx_too_late', [], 'tx_too_late', 'expire'],
    ['tx_bad_auth', [], 'tx_bad_auth', 'supersede'],
    ['tx_failed', ['op_success', 'op_malformed'], 'op_malformed', 'supersede'],
    // The synchronous endpoint says this after the ledger: it may be in one, so it is looked up.
    ['tx_failed', ['op_no_trust'], 'op_no_trust', 'resend'],
    ['tx_no_source_account', [], 'tx_no_source_account', 'resend'],
  ] as const)('of the refusal %s %j is decided by %s: %s', (code, operationCodes, decisive, advice) => {
    expect(refusalOf({ code, isInner: true, operationCodes })).toEqual({ code: decisive, advice });
  });

  it('of a missing account depends on whose it is: a channel account is looked for again, the paying one is ours to fix', () => {
    const missing = { code: 'tx_no_source_account', operationCodes: [] };
    expect(refusalOf({ ...missing, isInner: true })?.advice).toBe('resend');
    expect(refusalOf({ ...missing, isInner: false })?.advice).toBe('ours');
  });

  it('of an unknown refusal is silence', () => {
    expect(refusalOf({ code: 'tx_from_a_later_protocol', isInner: true, operationCodes: [] })).toBeNull();
    expect(refusalOf({ code: 'tx_failed', isInner: true, operationCodes: [] })).toBeNull();
  });
});

interface Recorded {
  readonly result_xdr?: string;
  readonly result_codes?: {
    readonly transaction: string;
    readonly inner_transaction?: string;
    readonly operations?: readonly string[];
  };
}

describe('a recorded result', () => {
  it('is read as the network named it', () => {
    const file = path.join(__dirname, 'recorded-results.json');
    const recorded = JSON.parse(fs.readFileSync(file, 'utf8')) as readonly Recorded[];
    expect(recorded.length).toBeGreaterThan(50);
    const read = recorded.map(({ result_xdr: base64 }) => readResult(base64 ?? ''));
    expect(read.map((result) => [result?.code, ...(result?.operationCodes ?? [])])).toEqual(
      recorded.map(({ result_codes: codes }) => [
        codes?.inner_transaction ?? codes?.transaction,
        ...(codes?.operations ?? []),
      ]),
    );
  });

  it('is null when it cannot be read', () => {
    expect(readResult('')).toBeNull();
    expect(readResult('AAAA')).toBeNull();
  });
});
