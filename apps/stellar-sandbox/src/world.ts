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

/** One Horizon server: what it has read of the network, and the way from it to the core. */
export interface WorldNode {
  readonly reader: Reader;
  readonly submission: Submission;
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
  readonly nodes: readonly WorldNode[];
  readonly friendbot: Friendbot | null;

  private constructor(
    readonly network: Network,
    histories: readonly History[],
    private readonly store: LedgerStore | null,
    private readonly surroundings: Surroundings,
  ) {
    const { friendbot, passphrase, submitTimeoutMs: timeoutMs } = surroundings.settings;
    const times = (): CloseTimes => admissionTimes(network, surroundings);
    this.nodes = histories.map((history) => {
      const reader = new Reader(history);
      return { reader, submission: new Submission(network, reader, { timeoutMs, times }) };
    });
    this.friendbot = friendbot ? new Friendbot(network, this.submission, { passphrase, timeoutMs }) : null;
  }

  /** What the first node reads. */
  get reader(): Reader {
    return this.node(0).reader;
  }

  get submission(): Submission {
    return this.node(0).submission;
  }

  /** By its index, from 0. */
  node(index: number): WorldNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${String(index + 1)}`);
    return node;
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
    const kept: { histories?: readonly History[] } = {};
    const open = (first: number, from: typeof genesis | null): History[] =>
      Array.from({ length: surroundings.settings.nodes }, () =>
        withGenesis(new History(network.networkId, network.state.copy(), first), from),
      );
    await store?.replay(network.networkId, (closed) => {
      const { sequence } = closed.header;
      kept.histories ??= open(sequence === 2 ? 1 : sequence, sequence === 2 ? genesis : null);
      for (const history of kept.histories) {
        if (sequence <= applied) history.remember(closed);
        else history.ingest(closed);
      }
      if (sequence > applied) network.restore(closed);
    });
    for (const history of kept.histories ?? []) history.keep(surroundings.historyKept);
    return new World(network, kept.histories ?? open(1, genesis), store, surroundings);
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
    const { historyKept } = this.surroundings;
    for (const { reader } of this.nodes) {
      reader.offer(closed);
      if (closed.header.sequence % historyKept.checkedEvery === 0) reader.history.keep(historyKept);
    }
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

  /** What a node answers from; `index` counts from 0. */
  apiContext(streams: Streams, index = 0): ApiContext {
    const { friendbot, network } = this;
    const { reader, submission } = this.node(index);
    const { passphrase } = this.surroundings.settings;
    const node = index + 1;
    const { history } = reader;
    return { history, network, submission, friendbot, streams, passphrase, node, down: false };
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
