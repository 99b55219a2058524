import { z } from 'zod';

/** What went wrong with an event, once per try, kept on its dead letter. */
export const eventErrorSchema = z.strictObject({
  failed_at: z.iso.datetime(),
  handler_name: z.string().max(200),
  error_message: z.string().max(2_000),
  attempt: z.int().positive(),
});

/** The envelope that every event travels in, on both transports. */
export const envelopeSchema = z.strictObject({
  id: z.uuid(),
  topic: z.string().max(200),
  key: z.string().min(1).max(200),
  tenant_id: z.uuid(),
  type: z.string().min(1).max(100),
  version: z.int().positive(),
  occurred_at: z.iso.datetime(),
  /** W3C traceparent of the request that caused the event; empty when there was none. */
  trace: z.string().max(100),
  data: z.unknown(),
  errors: z.array(eventErrorSchema).max(100).optional(),
});

export type EventEnvelope = z.infer<typeof envelopeSchema>;
export type EventError = z.infer<typeof eventErrorSchema>;

export interface EventContract<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly topic: string;
  /** The types of the field that share this topic and schema. */
  readonly types: readonly Type[];
  readonly version: number;
  readonly data: Data;
  /**
   * `key`: an event that waits for a retry holds back later events of its key. `none`: it holds back nobody,
   * because its effects commute.
   */
  readonly order: 'key' | 'none';
  readonly partitions: number;
}

export type EventOf<Contract> =
  Contract extends EventContract<infer Type, infer Data>
    ? Omit<EventEnvelope, 'data' | 'type'> & { readonly type: Type; readonly data: z.infer<Data> }
    : never;

export type EventDataOf<Contract> =
  Contract extends EventContract<string, infer Data> ? z.infer<Data> : never;

export const PARTITIONS = 12;

export function defineEvent<const Type extends string, Data extends z.ZodType>(
  contract: Omit<EventContract<Type, Data>, 'partitions' | 'order'> & { readonly order?: 'key' | 'none' },
): EventContract<Type, Data> {
  return { order: 'key', partitions: PARTITIONS, ...contract };
}

export const deadLetterTopicOf = (topic: string): string => `${topic}.dlq`;
