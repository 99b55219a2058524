import { errorTypeOf } from './error-types';

describe('the error type of a failed payment', () => {
  it.each([
    ['op_no_trust', 'op_no_trust'],
    ['account_does_not_trust_the_asset', 'op_no_trust'],
    ['account_requires_a_memo', 'memo_required'],
    ['too_dear:op_line_full', 'too_dear'],
    ['too_old:', 'too_old'],
    ['op_of_a_later_protocol', 'other'],
    ['GDESTINATION', 'other'],
    ['', 'other'],
    [null, 'other'],
  ])('of %s is %s', (reason, type) => {
    expect(errorTypeOf(reason)).toBe(type);
  });
});
