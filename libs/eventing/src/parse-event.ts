import { envelopeSchema, type EventContract, type EventEnvelope } from '@libs/contracts';
import { err, ok, type Result } from '@libs/kernel';

import type { EventRecord } from './event-record';

export interface Unreadable {
  /** The envelope, when at least that could be read. */
  readonly event: EventEnvelope | null;
  readonly reason: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The event that the bytes hold, checked against its contract; otherwise why nobody can handle it. */
export function parseEvent(record: EventRecord, contract: EventContract): Result<EventEnvelope, Unreadable> {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(record.value));
  } catch {
    return err({ event: null, reason: 'the bytes are not JSON' });
  }
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) {
    const path = envelope.error.issues[0]?.path.join('.') ?? '';
    return err({ event: null, reason: `not an event envelope${path === '' ? '' : `: ${path}`}` });
  }
  const event = envelope.data;
  const reason = misfit(record, event, contract);
  return reason === undefined ? ok(event) : err({ event, reason });
}

function misfit(record: EventRecord, event: EventEnvelope, contract: EventContract): string | undefined {
  if (event.topic !== contract.topic) return `it says that it belongs to the topic ${event.topic}`;
  if (event.key !== record.key) return 'its key is not the key that it was sent with';
  if (event.version !== contract.version) return `unknown version ${event.version}`;
  if (!contract.types.includes(event.type)) return `unknown type ${event.type}`;
  const data = contract.data.safeParse(event.data);
  if (!data.success)
    return `its data does not fit the contract at ${data.error.issues[0]?.path.join('.') ?? ''}`;
  return undefined;
}
