import { setTimeout as pause } from 'node:timers/promises';

import { DirectSession } from './direct-session';

export interface ListenerOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly channels: readonly string[];
  /** Called for each notification, and once after each (re)connection, because notifications may have been missed. */
  readonly wake: (channel: string) => void;
}

const RECONNECT_DELAY_MS = 500;

/** Hears `NOTIFY` on a connection of its own and comes back by itself when that breaks. It only hastens: a sweep must exist. */
export class Listener {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;

  constructor(private readonly options: ListenerOptions) {}

  start(): void {
    this.running ??= this.keep();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.listen().catch(() => undefined);
      await pause(RECONNECT_DELAY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the connection is lost or `stop` is called. */
  private async listen(): Promise<void> {
    const { wake, ...options } = this.options;
    const session = await DirectSession.open({ ...options, notified: (channel) => wake(channel) });
    try {
      for (const channel of options.channels) wake(channel);
      const ends = AbortSignal.any([session.lost, this.stopping.signal]);
      if (!ends.aborted) {
        await new Promise<void>((resolve) => ends.addEventListener('abort', () => resolve(), { once: true }));
      }
    } finally {
      session.close();
    }
  }
}
