import { serve, listen, type Intermediary } from './http/server';
import { Streams } from './http/stream';
import { LedgerCloser } from './ledger-closer';
import { SandboxClock } from './sandbox-clock';
import { DEFAULTS, type SandboxSettings } from './sandbox-settings';
import { World } from './world';

export type SandboxOptions = Partial<SandboxSettings>;

/** A running network. */
export interface Sandbox {
  readonly url: string;
  readonly port: number;
  readonly passphrase: string;
  /** Closes the next ledger now and returns when it is on disk and may be read. */
  closeLedger(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a network in this process and serves it over HTTP. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings: SandboxSettings = { ...DEFAULTS, ...options };
  const clock = new SandboxClock();
  const streams = new Streams({ tickMs: settings.streamTickMs, lifetimeMs: settings.streamLifetimeMs });
  const world: World = await World.open({ settings, clock, closeMs: () => closer.closeMs });
  const closer = new LedgerCloser(async () => world.closeLedger(), settings.closeMs, die);
  const intermediary: Intermediary = { intercept: async () => Promise.resolve(false) };
  const server = serve(() => world.apiContext(streams), intermediary);
  const port = await listen(server, settings.host, settings.port);
  closer.start();
  return {
    url: `http://${settings.host}:${String(port)}`,
    port,
    passphrase: settings.passphrase,
    closeLedger: async () => closer.closeNow(),
    close: async () => {
      await closer.stop();
      await world.close();
      streams.closeAll();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

/** A ledger that cannot be kept must not be followed by another. */
function die(error: unknown): void {
  throw error instanceof Error ? error : new Error(String(error));
}
