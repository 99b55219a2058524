import { setTimeout as pause } from 'node:timers/promises';

import type { HttpClient } from './http-client';
import type { Inbox, Message } from './inbox';
import { listOf, objectIn, textOf } from './json';

const LOOK_EVERY_MS = 100;
const PAGE = 100;
/** Messages of several senders may show up a little out of order: this far back is looked at again. */
const LOOK_BACK_MS = 1_500;
/** Now and then further back, since a message whose database transaction was held up shows up later than newer ones. */
const LOOK_FAR_EVERY_MS = 10_000;
const LOOK_FAR_BACK_MS = 60_000;

/** Carries what the dry-run sender kept in its outbox to the phones of the simulated people. */
export class PhoneNetwork {
  private newestId: string | undefined;
  private lookedFarAt = performance.now();
  private stopped = false;

  constructor(
    private readonly http: HttpClient,
    private readonly outboxUrl: string,
    private readonly inbox: Inbox,
  ) {}

  /** Runs until it is stopped. Outages of messaging are waited out. */
  async run(): Promise<void> {
    while (!this.stopped) {
      await this.deliverNew().catch(() => undefined);
      await pause(LOOK_EVERY_MS);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  /** Pages back from the newest message until nothing is new. */
  async deliverNew(): Promise<void> {
    const since = this.newestId === undefined ? undefined : idBefore(this.newestId, this.howFarBack());
    let newest = this.newestId;
    let before: string | undefined;
    for (;;) {
      const page = await this.page(since, before);
      for (const message of page) this.inbox.deliver(message);
      newest = newest === undefined || (page[0] !== undefined && page[0].id > newest) ? page[0]?.id : newest;
      before = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    // Only now: after an outage in the middle, the pages that were not read are read again.
    this.newestId = newest;
  }

  private howFarBack(): number {
    if (performance.now() - this.lookedFarAt < LOOK_FAR_EVERY_MS) return LOOK_BACK_MS;
    this.lookedFarAt = performance.now();
    return LOOK_FAR_BACK_MS;
  }

  private async page(since: string | undefined, before: string | undefined): Promise<Message[]> {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (since !== undefined) query.set('since', since);
    if (before !== undefined) query.set('before', before);
    const answer = await this.http.send({ url: `${this.outboxUrl}?${query.toString()}` });
    return listOf(objectIn(answer, 'read the outbox'), 'messages').map((item) => ({
      id: textOf(item, 'id'),
      recipient: textOf(item, 'recipient'),
      body: textOf(item, 'body'),
    }));
  }
}

/** The first 48 bits of a UUIDv7 are its time in milliseconds. */
export function idBefore(id: string, ms: number): string {
  const time = Math.max(0, Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) - ms);
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
