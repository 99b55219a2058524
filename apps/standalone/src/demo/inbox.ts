/** A message as it arrives on a phone or in a mailbox. */
export interface Message {
  /** Ids made later sort later. */
  readonly id: string;
  readonly recipient: string;
  readonly body: string;
}

interface Waiting {
  readonly accept: (message: Message) => boolean;
  readonly resolve: (message: Message) => void;
}

/** The phones of all simulated people: what arrived, and who waits for what. */
export class Inbox {
  private readonly arrived = new Map<string, Message[]>();
  private readonly waiting = new Map<string, Set<Waiting>>();
  private readonly seen = new Set<string>();

  deliver(message: Message): void {
    if (this.seen.has(message.id)) return;
    this.seen.add(message.id);
    const messages = this.arrived.get(message.recipient) ?? [];
    messages.push(message);
    this.arrived.set(message.recipient, messages);
    for (const one of this.waiting.get(message.recipient) ?? []) {
      if (one.accept(message)) one.resolve(message);
    }
  }

  /** The newest message that is wanted. */
  find(recipient: string, accept: (message: Message) => boolean): Message | undefined {
    return this.arrived
      .get(recipient)
      ?.filter(accept)
      .reduce<Message | undefined>(
        (newest, message) => (newest === undefined || message.id > newest.id ? message : newest),
        undefined,
      );
  }

  /** The newest message that is wanted, or the next one; undefined when it does not come in time. */
  async next(
    recipient: string,
    accept: (message: Message) => boolean,
    withinMs: number,
  ): Promise<Message | undefined> {
    const there = this.find(recipient, accept);
    if (there !== undefined) return there;
    const all = this.waiting.get(recipient) ?? new Set<Waiting>();
    this.waiting.set(recipient, all);
    return await new Promise<Message | undefined>((resolve) => {
      const timer = setTimeout(() => {
        done(undefined);
      }, withinMs);
      const one: Waiting = {
        accept,
        resolve: (message) => {
          done(message);
        },
      };
      const done = (message: Message | undefined): void => {
        clearTimeout(timer);
        all.delete(one);
        resolve(message);
      };
      all.add(one);
    });
  }

  /** How many different people have got a message of that kind. */
  count(recipients: readonly string[], accept: (message: Message) => boolean): number {
    return recipients.filter((recipient) => this.find(recipient, accept) !== undefined).length;
  }
}
