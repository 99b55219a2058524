import { randomUUID } from 'node:crypto';

import { genesisOf } from './engine/genesis';
import { type CloseTimes, Network } from './engine/network';
import { Friendbot } from './friendbot';
import { History } from './history/history';
import { Reader } from './history/reader';
import type { ApiContext } from './http/api';
import type { Streams } from './http/stream';
import type { SandboxClock } from './sandbox-clock';
import type { SandboxSettings } from './sandbox-settings';
import { Submission } from './submission';

const BASE_FEE = 100n;
const BASE_RESERVE = 5_000_000n;

interface Surroundings {
  readonly settings: SandboxSettings;
  readonly clock: SandboxClock;
  /** How often ledgers close at present, in milliseconds. */
  readonly closeMs: () => number;
}

/** One network from its first ledger on: its core, what is kept of it, and what clients can read of it. */
export class World {
  private constructor(
    readonly network: Network,
    readonly reader: Reader,
    readonly submission: Submission,
    readonly friendbot: Friendbot | null,
    private readonly surroundings: Surroundings,
  ) {}

  static open(surroundings: Surroundings): World {
    const { clock, settings } = surroundings;
    const { capacity, passphrase, submitTimeoutMs: timeoutMs } = settings;
    const genesis = genesisOf({
      ...{ passphrase, capacity, salt: randomUUID(), startedAt: clock.seconds() },
      ...{ baseFee: BASE_FEE, baseReserve: BASE_RESERVE },
    });
    const network = Network.start(passphrase, genesis);
    const history = new History(network.networkId, genesis.state.copy(), genesis.header);
    const reader = new Reader(history);
    const times = (): CloseTimes => admissionTimes(network, surroundings);
    const submission = new Submission(network, reader, { timeoutMs, times });
    const friendbot = settings.friendbot
      ? new Friendbot(network, submission, { passphrase, timeoutMs })
      : null;
    return new World(network, reader, submission, friendbot, surroundings);
  }

  async closeLedger(): Promise<void> {
    this.friendbot?.flush();
    const closeTime = Math.max(this.surroundings.clock.seconds(), this.network.header.closeTime);
    const closed = this.network.close(closeTime);
    this.reader.offer(closed);
    await Promise.resolve();
  }

  apiContext(streams: Streams): ApiContext {
    const { friendbot, network, reader, submission } = this;
    const { passphrase } = this.surroundings.settings;
    return { history: reader.history, network, submission, friendbot, streams, passphrase };
  }
}

/**
 * What is sent now closes one or two ledgers later, so bounds must reach that far; that a ledger is late counts
 * too, as it does in the network's core.
 */
function admissionTimes(network: Network, { clock, closeMs }: Surroundings): CloseTimes {
  const now = network.header.closeTime;
  return { now, latest: Math.max(clock.seconds(), now) + Math.ceil((2 * closeMs()) / 1000) };
}
