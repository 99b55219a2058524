import type { Logger } from '@libs/observability';
import { DirectSession } from '@libs/persistence';

import { OUTBOX_CHANNEL } from './outbox';
import { Wakeable } from './wakeable';

export const LOG_CHANNEL = 'eventing_log';
export const MEMBERS_CHANNEL = 'eventing_members';

export interface SessionKeeperOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly logger: Logger;
}

type Heard = (payload: string) => void;

const REOPEN_AFTER_MS = 250;

/** Keeps one direct session open: the locks and the ears of everything in this process that has to do with events. */
export class SessionKeeper {
  private session: DirectSession | null = null;
  private readonly ears = new Map<string, Heard[]>();
  private readonly pause = new Wakeable();
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly options: SessionKeeperOptions) {}

  /** Also called, with an empty payload, after each (re)connection: notifications may have been missed. */
  on(channel: string, heard: Heard): void {
    this.ears.set(channel, [...(this.ears.get(channel) ?? []), heard]);
  }

  /** The session, if its locks can be relied on at this moment. */
  get current(): DirectSession | null {
    return this.session?.isAlive() === true ? this.session : null;
  }

  start(): void {
    this.running ??= this.keep();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.pause.wake();
    this.session?.close();
    await this.running;
  }

  private async keep(): Promise<void> {
    const { url, applicationName, logger } = this.options;
    const channels = [OUTBOX_CHANNEL, LOG_CHANNEL, MEMBERS_CHANNEL];
    while (this.goesOn()) {
      try {
        const notified = (channel: string, payload: string): void => this.tell(channel, payload);
        const session = await DirectSession.open({ url, applicationName, channels, notified });
        this.session = session;
        for (const channel of channels) this.tell(channel, '');
        if (this.goesOn()) await lossOf(session);
        if (this.goesOn()) logger.warn({}, 'the session that holds the locks of events was lost');
      } catch (error) {
        logger.warn({ error }, 'no session for the locks of events');
      }
      this.session?.close();
      this.session = null;
      if (this.goesOn()) await this.pause.wait(REOPEN_AFTER_MS);
    }
    this.session?.close();
  }

  private goesOn(): boolean {
    return !this.stopped;
  }

  private tell(channel: string, payload: string): void {
    for (const heard of this.ears.get(channel) ?? []) heard(payload);
  }
}

async function lossOf({ lost }: DirectSession): Promise<void> {
  if (lost.aborted) return;
  await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve(), { once: true }));
}
