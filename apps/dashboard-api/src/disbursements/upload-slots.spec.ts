import { HttpProblem } from '@libs/http';

import { isLargeFile, slotLimitsFor, UploadSlots } from './upload-slots';

const LIMITS = { receiving: 3, receivingOfOne: 2, working: 2, workingLarge: 1, readingEarly: 2 };

/** Work that ends when it is told to. */
function held(): { readonly work: () => Promise<void>; end: () => void; isBegun: () => boolean } {
  let [isBegun, end] = [false, (): void => undefined];
  const ended = new Promise<void>((resolve) => (end = resolve));
  const work = async (): Promise<void> => {
    isBegun = true;
    await ended;
  };
  return { work, end: () => end(), isBegun: () => isBegun };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the places of uploads', () => {
  it('are bounded for all organisations and for one, and free again afterwards', () => {
    const slots = new UploadSlots(LIMITS);
    const [first] = [slots.enter('a'), slots.enter('a')];
    expect(() => slots.enter('a')).toThrow(HttpProblem);
    slots.enter('b');
    expect(() => slots.enter('b')).toThrow('Too many files are being uploaded');
    first();
    first();
    expect(() => slots.enter('b')).not.toThrow();
    expect(() => slots.enter('c')).toThrow(HttpProblem);
  });

  it('are fewer where a file is read while it comes, and none for one that is large or of unknown size', () => {
    const slots = new UploadSlots(LIMITS);
    expect(slots.readEarly(2_000_001)).toBeNull();
    expect(slots.readEarly(Infinity)).toBeNull();
    expect(slots.readEarly(NaN)).toBeNull();
    const [first, second] = [slots.readEarly(2_000_000), slots.readEarly(1)];
    expect(slots.readEarly(1)).toBeNull();
    first?.();
    first?.();
    expect(slots.readEarly(1)).not.toBeNull();
    expect(slots.readEarly(1)).toBeNull();
    second?.();
    expect(slots.readEarly(1)).not.toBeNull();
  });

  it('let a small file pass large ones that wait', async () => {
    const slots = new UploadSlots(LIMITS);
    const [large, next, small] = [held(), held(), held()];
    const all = [
      slots.work({ tenantId: 'a', isLarge: true }, large.work),
      slots.work({ tenantId: 'b', isLarge: true }, next.work),
      slots.work({ tenantId: 'c', isLarge: false }, small.work),
    ];
    await settled();
    expect([large.isBegun(), next.isBegun(), small.isBegun()]).toEqual([true, false, true]);
    large.end();
    await all[0];
    await settled();
    expect(next.isBegun()).toBe(true);
    [next, small].forEach(({ end }) => end());
    await Promise.all(all);
  });

  it('take a file for large by its rows where they were counted, and by its bytes elsewhere', () => {
    expect([isLargeFile(999_999), isLargeFile(1_000_000)]).toEqual([false, true]);
    expect([isLargeFile(1_200_000, 10_001), isLargeFile(600_000, 10_002)]).toEqual([false, true]);
    expect(isLargeFile(5_000_000, 100)).toBe(true);
  });

  it('are given to one large file of an organisation at a time, and free again when it fails', async () => {
    const slots = new UploadSlots({ ...LIMITS, workingLarge: 2 });
    const [one, other] = [held(), held()];
    const failing = slots.work({ tenantId: 'a', isLarge: true }, async () => {
      await one.work();
      throw new Error('broken');
    });
    const waiting = slots.work({ tenantId: 'a', isLarge: true }, other.work);
    await settled();
    expect(other.isBegun()).toBe(false);
    one.end();
    await expect(failing).rejects.toThrow('broken');
    await settled();
    expect(other.isBegun()).toBe(true);
    other.end();
    await waiting;
  });

  it('are not all taken by slow senders, of whom an organisation has one at a time', async () => {
    const slots = new UploadSlots({ ...LIMITS, working: 3, workingLarge: 2 });
    const works = Array.from({ length: 5 }, held);
    const slow = (tenantId: string, index: number): Promise<void> =>
      slots.work({ tenantId, isLarge: false, waitsForSender: true }, works[index]?.work ?? settled);
    const all = [
      slow('a', 0),
      slow('a', 1),
      slow('b', 2),
      slow('c', 3),
      slots.work({ tenantId: 'c', isLarge: false }, works[4]?.work ?? settled),
    ];
    await settled();
    expect(works.map((one) => one.isBegun())).toEqual([true, false, true, false, true]);
    works[0]?.end();
    await all[0];
    await settled();
    expect(works.map((one) => one.isBegun())).toEqual([true, true, true, false, true]);
    for (const one of works) one.end();
    await Promise.all(all);
  });

  it('leave most connections of a pool to everybody else, and work with the smallest one', () => {
    expect(slotLimitsFor(10)).toMatchObject({ working: 3, workingLarge: 2 });
    expect(slotLimitsFor(1)).toMatchObject({ working: 1, workingLarge: 1 });
  });
});
