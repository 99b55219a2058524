const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

const mix = (hash: number): number => Math.imul(hash ^ (hash >>> 13), M);

/** The 32-bit murmur2 hash of Kafka's own clients, so that any of them finds a key on the same partition. */
function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  let hash = SEED ^ bytes.byteLength;
  for (let at = 0; at < whole; at += 4) {
    const k = Math.imul(view.getInt32(at, true), M);
    hash = Math.imul(hash, M) ^ Math.imul(k ^ (k >>> R), M);
  }
  for (let at = bytes.byteLength - 1; at >= whole; at -= 1) hash ^= view.getUint8(at) << (8 * (at - whole));
  if (whole < bytes.byteLength) hash = Math.imul(hash, M);
  hash = mix(hash);
  return hash ^ (hash >>> 15);
}

/** Events of one key always share a partition. */
export const partitionOfKey = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
