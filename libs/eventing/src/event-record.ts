import type { EventEnvelope } from '@libs/contracts';

/** Small texts that travel beside the bytes, so that a broker's tools can show an event without parsing it. */
export type EventHeaders = Readonly<Record<string, string>>;

/** An event as a transport carries it: bytes and an address, whatever the bytes hold. */
export interface EventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: EventHeaders;
}

export const headersOf = (event: EventEnvelope): EventHeaders => ({
  id: event.id,
  type: event.type,
  tenant: event.tenant_id,
  ...(event.trace === '' ? {} : { traceparent: event.trace }),
});

/** A text that PostgreSQL takes: without NUL and without halves of surrogate pairs, which foreign bytes may bring. */
export const storable = (text: string): string =>
  Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd');
