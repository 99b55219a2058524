import { randomBytes } from 'node:crypto';

const ID_BYTES = 16;

/**
 * A new id of a Kafka cluster: 16 random bytes as 22 characters of base64url. None begins with a dash, as the storage
 * tool would take it for an option; Kafka draws its own ids in the same way.
 */
export function newClusterId(): string {
  const id = randomBytes(ID_BYTES).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}
