/** What a producer wanted to send does not fit its contract: a bug of the producer. */
export class EventNotValidError extends Error {
  override readonly name = 'EventNotValidError';
}

/** An event over the limit is refused before it is written, because no consumer could be promised to get it. */
export class EventTooLargeError extends Error {
  override readonly name = 'EventTooLargeError';

  constructor(topic: string, bytes: number, bytesMax: number) {
    super(
      `an event of ${topic} has ${bytes} bytes and at most ${bytesMax} may be sent: ` +
        'use publishChunked for lists, and keep long texts in tables',
    );
  }
}

/** PostgreSQL or the broker is away. The event is not to blame: it is delivered again and no try is counted. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
}
