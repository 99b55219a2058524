import type { CounterMetric, Logger } from '@libs/observability';
import type { DirectSession } from '@libs/persistence';

import { OUTBOX_CHANNEL } from './outbox';
import type { SessionKeeper } from './session-keeper';
import { Wakeable } from './wakeable';

export interface Relayed {
  readonly moved: number;
  /** Whether more may wait in the outbox. */
  readonly more: boolean;
}

/** Where the relay brings events. */
export interface RelayTarget {
  /**
   * Brings at most `batch` events of the outbox to the transport, the oldest first, and deletes each row only when
   * the transport has it for good. Null when another process is at it.
   */
  relay(batch: number, goOn: () => boolean): Promise<Relayed | null>;
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly keeper: SessionKeeper;
  readonly target: RelayTarget;
  readonly logger: Logger;
  readonly relayed: CounterMetric<never>;
}

const SWEEP_EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 500;
const BATCH = 500;
const RELAY_LOCK = [7_310_553, 0] as const;

/**
 * Moves events from the outbox to the transport. Every process runs one; the session lock lets one of them work, and
 * when that process ends or freezes, another takes over.
 */
export class Relay {
  private readonly pause = new Wakeable();
  private leadsOn: DirectSession | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly options: RelayOptions) {
    options.keeper.on(OUTBOX_CHANNEL, () => this.pause.wake());
  }

  /** Whether this process is the one that relays. */
  get leads(): boolean {
    return this.leadsOn?.isAlive() === true;
  }

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.pause.wake();
    await this.running;
    await this.options.target.close();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const waitMs = await this.step().catch((error: unknown) => {
        this.options.logger.warn({ error }, 'events wait in the outbox: the transport does not take them');
        return AFTER_FAILURE_MS;
      });
      if (waitMs > 0) await this.pause.wait(waitMs);
    }
  }

  /** How long to wait before the next step. */
  private async step(): Promise<number> {
    if (!(await this.takeLead())) return SWEEP_EVERY_MS;
    const { target, relayed } = this.options;
    const result = await target.relay(BATCH, () => !this.stopped && this.leads);
    if (result === null) return AFTER_FAILURE_MS;
    if (result.moved > 0) relayed.add({}, result.moved);
    return result.more ? 0 : SWEEP_EVERY_MS;
  }

  private async takeLead(): Promise<boolean> {
    const session = this.options.keeper.current;
    if (session === null) return false;
    if (this.leadsOn === session) return true;
    const [row] = await session.query<{ got: boolean }>(
      'SELECT pg_try_advisory_lock($1, $2) AS got',
      RELAY_LOCK,
    );
    if (row?.got === true) this.leadsOn = session;
    return row?.got === true;
  }
}
