import { newClusterId } from './cluster-id';

describe('the id of a new Kafka cluster', () => {
  // One in 64 drawn blindly would begin with a dash: among these about 150.
  const ids = Array.from({ length: 10_000 }, newClusterId);

  it('never begins with a dash, which the storage tool would take for an option', () => {
    expect(ids.filter((id) => id.startsWith('-'))).toEqual([]);
  });

  it('is 16 bytes in base64url, and new each time', () => {
    expect(new Set(ids.map((id) => Buffer.from(id, 'base64url').length))).toEqual(new Set([16]));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
