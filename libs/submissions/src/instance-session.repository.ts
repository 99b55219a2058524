import { Client } from 'pg';

export interface InstanceSessionOptions {
  readonly url: string;
  readonly sessionsName: string;
  readonly instanceId: string;
}

const RECONNECT_MS = 500;
const CONNECT_TIMEOUT_MS = 5_000;

/** The advisory lock that an instance holds while its process lives; `$1` is its id. */
export const INSTANCE_LOCK = `hashtextextended('submissions:instance:' || $1::text, 0)`;

/**
 * A direct connection that holds a lock as long as the process lives, so that others learn of its death at once instead of by
 * its heartbeat. It only hastens: what protects is the epoch on every write.
 */
export class InstanceSession {
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly options: InstanceSessionOptions) {}

  /** Holds the lock when it resolves. Rejects when the database cannot be reached now. */
  async start(): Promise<void> {
    const { url, sessionsName, instanceId } = this.options;
    const client = new Client({
      connectionString: url,
      application_name: sessionsName,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    client.once('end', () => {
      this.comeBack();
    });
    await client.connect();
    await client.query(`SELECT pg_advisory_lock(${INSTANCE_LOCK})`, [instanceId]);
    this.client = client;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private comeBack(): void {
    this.client = null;
    // A connection that fails tells so twice: by its error and by its end.
    if (this.stopped || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.start().catch(() => {
        this.comeBack();
      });
    }, RECONNECT_MS);
  }
}
