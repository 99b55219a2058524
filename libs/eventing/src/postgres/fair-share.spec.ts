import fc from 'fast-check';

import { fairShare } from './fair-share';

describe('the fair share of partitions', () => {
  const partitions = Array.from({ length: 12 }, (_, nr) => 100 + nr * 7);

  it('gives each partition to exactly one member, and no member more than one above another', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 20 }), fc.nat(), (members, first) => {
        const shares = members.map((member) => fairShare(partitions, members, { me: member, first }));
        expect(shares.flat().sort((one, other) => one - other)).toEqual(partitions);
        const sizes = shares.map((share) => share.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order in which members are listed', () => {
    expect(fairShare(partitions, [3, 1, 2], { me: 2 })).toEqual(fairShare(partitions, [1, 2, 3], { me: 2 }));
  });

  it('is nothing for who is not a member', () => {
    expect(fairShare(partitions, [1, 2], { me: 3 })).toEqual([]);
    expect(fairShare(partitions, [], { me: 3 })).toEqual([]);
  });
});
