import { control, type ControlContext } from './control/control-api';
import { RequestCounts } from './control/request-counts';
import { FaultBook } from './faults/fault-book';
import { injectFault } from './faults/fault-injection';
import { send } from './http/exchange';
import { serve, listen, type Intermediary } from './http/server';
import { Streams } from './http/stream';
import { LedgerCloser } from './ledger-closer';
import { Nodes } from './nodes';
import { STORE_LIMITS, type StoreLimits } from './persistence/ledger-store';
import { SandboxClock } from './sandbox-clock';
import { DEFAULTS, type SandboxSettings } from './sandbox-settings';
import { HISTORY_KEPT, type HistoryKept, World } from './world';

export interface SandboxOptions extends Partial<SandboxSettings> {
  readonly storeLimits?: StoreLimits;
  readonly historyKept?: HistoryKept;
}

/** A running network. */
export interface Sandbox {
  readonly url: string;
  readonly port: number;
  readonly passphrase: string;
  /** How many ledger transactions wait for a ledger. */
  readonly queueSize: number;
  /** How many accounts friendbot has still to create. */
  readonly friendbotQueueSize: number;
  /** The hash that this network knows an envelope by, or null when it is none. */
  hashOf(envelope: string): string | null;
  /** Closes the next ledger now and returns when it is on disk and may be read. */
  closeLedger(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a network in this process and serves it over HTTP. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { historyKept = HISTORY_KEPT, storeLimits = STORE_LIMITS, ...given } = options;
  const settings: SandboxSettings = { ...DEFAULTS, ...given };
  const clock = new SandboxClock();
  const streams = new Streams({ tickMs: settings.streamTickMs, lifetimeMs: settings.streamLifetimeMs });
  let world: World = await World.open({
    settings,
    clock,
    storeLimits,
    historyKept,
    closeMs: () => closer.closeMs,
  });
  const closer = new LedgerCloser(async () => world.closeLedger(), settings.closeMs, die);
  const nodes = new Nodes(settings.nodes, world, streams);
  const faults = new FaultBook();
  const requests = new RequestCounts();
  const controls: ControlContext = {
    ...{ closer, clock, faults, requests, nodes, streams, world: () => world },
    reset: async (moved) => {
      await closer.between(async () => {
        streams.cutAll();
        world = await world.reset();
        nodes.move(moved, world);
      });
    },
  };
  const intermediary: Intermediary = {
    intercept: async (exchange, context) => {
      const reply = await control(exchange, controls);
      if (reply === null) {
        requests.add(exchange.method, exchange.path);
        if (context.down) {
          exchange.response.destroy();
          return true;
        }
        return injectFault(exchange, context, faults);
      }
      send(exchange, reply);
      return true;
    },
  };
  const server = serve(({ node }) => nodes.contextOf(node), intermediary);
  const port = await listen(server, settings.host, settings.port);
  closer.start();
  return {
    url: `http://${settings.host}:${String(port)}`,
    port,
    passphrase: settings.passphrase,
    get queueSize() {
      return world.network.queue.size;
    },
    get friendbotQueueSize() {
      return world.friendbot?.waiting ?? 0;
    },
    hashOf: (envelope) => world.network.decode(envelope)?.hashHex ?? null,
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

/** A ledger that cannot be kept must not be followed by another, so the process ends with what went wrong. */
function die(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
