import { deadLetterTopicOf, envelopeSchema, EVENT_CONTRACTS } from '@libs/contracts';
import { z } from 'zod';

/** One JSON Schema per event: the envelope with the event's own types, version and data. */
export function eventDocuments(): [file: string, text: string][] {
  return EVENT_CONTRACTS.map((contract) => {
    const schema = envelopeSchema.extend({
      topic: z.literal(contract.topic),
      type: z.enum(contract.types),
      version: z.literal(contract.version),
      data: contract.data,
    });
    const document = {
      $id: `${contract.topic}.v${contract.version}`,
      description: `Topic ${contract.topic}, ${contract.partitions} partitions, dead letters to ${deadLetterTopicOf(contract.topic)}. ${ORDER[contract.order]}`,
      ...z.toJSONSchema(schema, { io: 'input' }),
    };
    return [
      `docs/events/${contract.topic}.v${contract.version}.json`,
      `${JSON.stringify(document, null, 2)}\n`,
    ];
  });
}

const ORDER = {
  key: 'Ordered per key: an event that waits for a retry holds back later ones of its key.',
  none: 'Not ordered: an event that waits for a retry holds back nobody.',
} as const;
