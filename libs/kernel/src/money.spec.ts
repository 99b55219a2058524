import fc from 'fast-check';

import { formatAmount, isNative, parseAmount, sameAsset, STROOPS_MAX, XLM } from './money';

describe('an amount in a file', () => {
  it.each([
    ['1', 10_000_000n],
    ['0.0000001', 1n],
    ['12.5', 125_000_000n],
    ['007.10', 71_000_000n],
    ['922337203685.4775807', STROOPS_MAX],
  ])('reads %s as stroops without rounding', (text, stroops) => {
    expect(parseAmount(text)).toEqual({ ok: true, value: stroops });
  });

  it.each([
    ['0', 'not_positive'],
    ['0.0000000', 'not_positive'],
    ['-1', 'not_positive'],
    ['1.00000000', 'too_many_decimals'],
    ['922337203685.4775808', 'too_large'],
    ['999999999999999999999999999999', 'too_large'],
    ['', 'not_a_number'],
    ['1e3', 'not_a_number'],
    ['1,000', 'not_a_number'],
    ['1.', 'not_a_number'],
    ['.5', 'not_a_number'],
    ['+1', 'not_a_number'],
    [' 1', 'not_a_number'],
    ['NaN', 'not_a_number'],
    ['Infinity', 'not_a_number'],
    ['0x10', 'not_a_number'],
    ['١٢', 'not_a_number'],
    ['1\n', 'not_a_number'],
    ['9'.repeat(10_000), 'not_a_number'],
  ])('refuses %j as %s', (text, error) => {
    expect(parseAmount(text)).toEqual({ ok: false, error });
  });

  it('comes back unchanged from its text, for every amount the ledger can hold', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: STROOPS_MAX }), (stroops) => {
        expect(parseAmount(formatAmount(stroops))).toEqual({ ok: true, value: stroops });
      }),
    );
  });
});

describe('an amount on the wire', () => {
  it('always has seven decimals', () => {
    expect(formatAmount(1_000_000_000n)).toBe('100.0000000');
    expect(formatAmount(0n)).toBe('0.0000000');
    expect(formatAmount(-1n)).toBe('-0.0000001');
  });
});

describe('an asset', () => {
  it('is native only as XLM without an issuer', () => {
    expect(isNative(XLM)).toBe(true);
    expect(isNative({ code: 'XLM', issuer: 'G'.repeat(56) })).toBe(false);
  });

  it('is another one when the issuer is another one', () => {
    expect(sameAsset({ code: 'USDC', issuer: 'A' }, { code: 'USDC', issuer: 'A' })).toBe(true);
    expect(sameAsset({ code: 'USDC', issuer: 'A' }, { code: 'USDC', issuer: 'B' })).toBe(false);
  });
});
