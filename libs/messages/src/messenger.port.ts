import type { Channel, MessageKind } from './message';

/** One message on one channel, as a provider gets it. */
export interface OutgoingMessage {
  readonly tenantId: string;
  /** Ours, the same at each try: a provider with idempotency keys takes it as such. */
  readonly messageId: string;
  readonly kind: MessageKind;
  readonly channel: Channel;
  readonly recipient: string;
  /** The subject of a mail; SMS have none. */
  readonly title: string;
  readonly body: string;
}

/**
 * What a provider said. `accepted` means taken over for delivery, not delivered. `refused` will not change by
 * trying again (a wrong number, a blocked recipient). `retryLater` may: a limit, an outage, silence.
 */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly providerMessageId: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'retryLater'; readonly reason: string; readonly afterMs?: number };

/** A provider of messages. An adapter answers within the time of `signal`; a throw counts as `retryLater`. */
export abstract class Messenger {
  abstract send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome>;
}
