/** The local Kafka broker could not be prepared or started. The message says what is missing or what to do. */
export class LocalKafkaError extends Error {
  override readonly name = 'LocalKafkaError';
}
