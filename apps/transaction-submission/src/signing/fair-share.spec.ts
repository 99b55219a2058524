import { fairShares, largestEnvelope, roomFor, windowOf } from './fair-share.policy';

const claimant = (tenantId: string, busy = 0, limit = 1_000) => ({ tenantId, busy, limit });
const shares = (claimants: Parameters<typeof fairShares>[0], places: number): Record<string, number> =>
  Object.fromEntries(fairShares(claimants, places));

describe('the sharing of free places', () => {
  it('gives everything to the only one who asks', () => {
    expect(shares([claimant('a')], 7)).toEqual({ a: 7 });
  });

  it('divides evenly, the rest to who comes first', () => {
    expect(shares([claimant('a'), claimant('b'), claimant('c')], 8)).toEqual({ a: 3, b: 3, c: 2 });
  });

  it('lets whoever has least on its way catch up first', () => {
    expect(shares([claimant('big', 10), claimant('new')], 4)).toEqual({ new: 4 });
    expect(shares([claimant('big', 10), claimant('new')], 12)).toEqual({ new: 11, big: 1 });
  });

  it('gives nobody more than it may have', () => {
    expect(shares([claimant('braked', 0, 1), claimant('full', 5, 5), claimant('other')], 6)).toEqual({
      braked: 1,
      other: 5,
    });
  });
});

describe('the window of what is on its way', () => {
  it('holds what a node queues, a little of it for newcomers', () => {
    const window = windowOf(1_000);
    expect(window).toEqual({ bulk: 1_800, all: 2_000 });
    expect(roomFor(false, 1_717, window)).toBe(83);
    expect(roomFor(true, 1_717, window)).toBe(101);
    expect(roomFor(true, 0, window)).toBe(1_800);
    expect(roomFor(true, 2_000, window)).toBe(0);
  });

  it('makes no envelope that a ledger could not hold', () => {
    expect(largestEnvelope(100, 1_000)).toBe(100);
    expect(largestEnvelope(100, 20)).toBe(19);
    expect(largestEnvelope(100, 1)).toBe(1);
  });
});
