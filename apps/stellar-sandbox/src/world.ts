import { randomUUID } from 'node:crypto';

import { genesisOf } from './engine/genesis';
import { type CloseTimes, Network } from './engine/network';
import { Friendbot } from './friendbot';
import { History } from './history/history';
import { Reader } from './history/reader';
import type { ApiContext } from './http/api';
import type { Streams } from './http/stream';
import { type Founding, LedgerStore, type StoreLimits } from './persistence/ledger-store';
import type { SandboxClock } from './sandbox-clock';
import type { SandboxSettings } from './sandbox-settings';
import { Submission } from './submission';

const BASE_FEE = 100n;
const BASE_RESERVE = 5_000_000n;

export interface Surroundings {
  readonly settings: SandboxSettings;
  readonly clock: SandboxClock;
  /** How often ledgers close at present, in milliseconds. */
  readonly closeMs: () => number;
  readonly storeLimits: StoreLimits;
  readonly historyKept: HistoryKept;
}

/** How much of the history stays readable. */
export interface HistoryKept {
  readonly ledgers: number;
  readonly transactions: number;
  /** In ledgers. */
  readonly checkedEvery: number;
}

export const HISTORY_KEPT: HistoryKept = { ledgers: 120_000, transactions: 1_500_000, checkedEvery: 1000 };

/** One network from its first ledger on: its core, what is kept of it, and what clients can read of it. */
export class World {
  readonly reader: Reader;
  readonly submission: Submission;
  readonly friendbot: Friendbot | null;

  private constructor(
    readonly network: Network,
    history: History,
    private readonly store: LedgerStore | null,
    private readonly surroundings: Surroundings,
  ) {
    const { friendbot, passphrase, submitTimeoutMs: timeoutMs } = surroundings.settings;
    this.reader = new Reader(history);
    const times = (): CloseTimes => admissionTimes(network, surroundings);
    this.submission = new Submission(network, this.reader, { timeoutMs, times });
    this.friendbot = friendbot ? new Friendbot(network, this.submission, { passphrase, timeoutMs }) : null;
  }

  /** Goes on with the network that the data folder holds, or starts one. */
  static async open(surroundings: Surroundings): Promise<World> {
    const { settings, storeLimits } = surroundings;
    const wanted = foundingOf(surroundings);
    if (settings.dataDir === null) return World.found({ ...wanted, salt: randomUUID() }, null, surroundings);
    const { founding, store } = await LedgerStore.open(settings.dataDir, wanted, storeLimits);
    try {
      return await World.found(founding, store, surroundings);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private static async found(
    founding: Founding,
    store: LedgerStore | null,
    surroundings: Surroundings,
  ): Promise<World> {
    const genesis = genesisOf({ ...founding, baseFee: BASE_FEE, baseReserve: BASE_RESERVE });
    const snapshot = (await store?.newestSnapshot()) ?? null;
    const applied = snapshot?.header.sequence ?? 1;
    const network = Network.start(founding.passphrase, snapshot ?? genesis);
    const kept: { history?: History } = {};
    const open = (first: number): History => new History(network.networkId, network.state.copy(), first);
    await store?.replay(network.networkId, (closed) => {
      const { sequence } = closed.header;
      kept.history ??= withGenesis(open(sequence === 2 ? 1 : sequence), sequence === 2 ? genesis : null);
      if (sequence <= applied) kept.history.remember(closed);
      else {
        kept.history.ingest(closed);
        network.restore(closed);
      }
    });
    kept.history?.keep(surroundings.historyKept);
    return new World(network, kept.history ?? withGenesis(open(1), genesis), store, surroundings);
  }

  /** Closes the next ledger. It is on disk before anybody can read it. */
  async closeLedger(): Promise<void> {
    if (this.network.pressure.hung) return;
    this.friendbot?.flush();
    const closeTime = Math.max(this.surroundings.clock.seconds(), this.network.header.closeTime);
    const closed = this.network.close(closeTime);
    if (this.store !== null) {
      const { header, state } = this.network;
      await this.store.append(closed);
      if (this.store.isSegmentFull) await this.store.rotate(header, state);
    }
    this.reader.offer(closed);
    const { historyKept } = this.surroundings;
    if (closed.header.sequence % historyKept.checkedEvery === 0) this.reader.history.keep(historyKept);
  }

  /** A new network in the place of this one, as when a test network is reset. */
  async reset(): Promise<World> {
    const wanted = foundingOf(this.surroundings);
    const founding = this.store === null ? { ...wanted, salt: randomUUID() } : await this.store.wipe(wanted);
    return World.found(founding, this.store, this.surroundings);
  }

  async close(): Promise<void> {
    await this.store?.close();
  }

  apiContext(streams: Streams): ApiContext {
    const { friendbot, network, reader, submission } = this;
    const { passphrase } = this.surroundings.settings;
    return { history: reader.history, network, submission, friendbot, streams, passphrase };
  }
}

const foundingOf = ({ clock, settings }: Surroundings): Omit<Founding, 'salt'> => ({
  passphrase: settings.passphrase,
  capacity: settings.capacity,
  startedAt: clock.seconds(),
});

function withGenesis(history: History, genesis: ReturnType<typeof genesisOf> | null): History {
  if (genesis === null) return history;
  const nothing = { accounts: new Map(), lines: new Map(), data: new Map() };
  history.remember({ header: genesis.header, transactions: [], changes: nothing });
  return history;
}

/**
 * What is sent now closes one or two ledgers later, so bounds must reach that far; that a ledger is late counts
 * too, as it does in the network's core.
 */
function admissionTimes(network: Network, { clock, closeMs }: Surroundings): CloseTimes {
  const now = network.header.closeTime;
  return { now, latest: Math.max(clock.seconds(), now) + Math.ceil((2 * closeMs()) / 1000) };
}
