import { Client } from 'pg';

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
  private client: Client | null = null;
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: ListenerOptions) {}

  start(): void {
    void this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const { url, applicationName, channels, wake } = this.options;
    const client = new Client({ connectionString: url, application_name: applicationName, keepAlive: true });
    this.client = client;
    client.on('notification', ({ channel }) => {
      wake(channel);
    });
    client.once('error', () => {
      void client.end().catch(() => undefined);
    });
    client.once('end', () => {
      if (!this.stopped) this.timer = setTimeout(() => void this.connect(), RECONNECT_DELAY_MS);
    });
    try {
      await client.connect();
      for (const channel of channels) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      for (const channel of channels) wake(channel);
    } catch {
      await client.end().catch(() => undefined);
    }
  }
}
