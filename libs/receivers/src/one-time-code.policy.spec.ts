import { refusalBefore, verdictOfWrong } from './one-time-code.policy';

const fresh = { isExpired: false, tries: 0, windowTries: 0 };

describe('the tries of a one-time code', () => {
  it('are five per code, and the fifth wrong one says so', () => {
    expect([0, 1, 2, 3, 4].map((tries) => verdictOfWrong({ ...fresh, tries, windowTries: tries }))).toEqual([
      'wrong',
      'wrong',
      'wrong',
      'wrong',
      'exceeded',
    ]);
    expect(refusalBefore({ ...fresh, tries: 5, windowTries: 5 })).toBe('exceeded');
  });

  it('are fifteen per hour, whatever new codes were asked for', () => {
    expect(verdictOfWrong({ ...fresh, tries: 0, windowTries: 14 })).toBe('exceeded');
    expect(refusalBefore({ ...fresh, tries: 0, windowTries: 15 })).toBe('exceeded');
  });

  it('are over when the code has expired, but too many tries are told first', () => {
    expect(refusalBefore({ ...fresh, isExpired: true })).toBe('expired');
    expect(refusalBefore({ isExpired: true, tries: 5, windowTries: 5 })).toBe('exceeded');
    expect(refusalBefore(fresh)).toBeNull();
  });
});
