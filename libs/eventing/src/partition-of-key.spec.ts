import { newId } from '@libs/kernel';
import { Partitioners } from 'kafkajs';

import { partitionOfKey } from './partition-of-key';

describe('the partition of a key', () => {
  it('is the one that clients of Kafka would choose', () => {
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({ partitionId, leader: 1 }));
    const theirs = Partitioners.DefaultPartitioner();
    const keys = [
      '',
      'a',
      'ab',
      'abc',
      'abcd',
      'abcde',
      'ünïcödé',
      '€'.repeat(67),
      ...Array.from({ length: 200 }, newId),
    ];
    for (const key of keys) {
      const expected = theirs({
        topic: 't',
        partitionMetadata: partitionMetadata as never,
        message: { key, value: '' },
      });
      expect([key, partitionOfKey(key, 12)]).toEqual([key, expected]);
    }
  });
});
