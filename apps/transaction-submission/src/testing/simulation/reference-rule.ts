import type { LedgerKey } from '@libs/ledger';
import { XLM } from '@libs/kernel';
import { ledgerKeyFromBytes, StellarSubmitter } from '@libs/ledger-stellar/submitter';
import { StellarReader } from '@libs/ledger-stellar/reader';

import { SeededRandom } from './seeded-random';
import { PASSPHRASE, SimulatedNetwork } from './simulated-network';
import { SimulatedTransport } from './simulated-transport';
import { CHANNELS_MAX, type SimulationWorld } from './simulation-world';
import { Actor, Stepper } from './stepper';
import { calmDown, drawWeather, type Weather } from './weather';

export interface ReferenceReport {
  readonly payments: number;
  readonly paidTwice: number;
}

interface Row {
  readonly destination: string;
  readonly amount: bigint;
  /** What it was sent as; wiped when a node does not find it. */
  hash: string | null;
  /** While it is locked nobody looks at it. In ledgers. */
  lockedUntil: number;
  channel: LedgerKey | null;
  isPaid: boolean;
}

const RICH = 1_000_000_000_000n;
const ENOUGH = 100_000_000n;
const AMOUNT = 10_000_000n;
const FEE_RATE = 1_000n;
/** A synchronous submission waits for its ledger so long before it gives up. */
const PATIENCE_LEDGERS = 6;
/** A ledger transaction can be applied for about ten ledgers. */
const LIFETIME_SECONDS = 50;
const SECONDS_PER_LEDGER = 5;
const CALM_LEDGERS = 40;

/**
 * The rule of the best-known system, as it was read in its code: whatever is unclear unlocks the payment and its channel
 * account at once, and a hash that a node does not find is wiped, so that the payment is built anew. It runs on the same
 * network, under the same weather of the same seed, to show that the simulation sees what it is there to see.
 */
export class ReferenceSimulation {
  private readonly random: SeededRandom;
  private readonly weather: Weather;
  private readonly stepper: Stepper;
  private readonly network: SimulatedNetwork;
  private readonly submitter: StellarSubmitter;
  private readonly reader: StellarReader;
  private readonly rows: Row[];
  private readonly channels: readonly LedgerKey[];

  constructor(
    private readonly world: SimulationWorld,
    seed: number,
  ) {
    this.random = new SeededRandom(seed);
    this.weather = drawWeather(this.random);
    this.stepper = new Stepper(this.random, null);
    this.channels = world.channelKeys.slice(0, 2 + this.random.below(CHANNELS_MAX - 1));
    this.rows = Array.from({ length: 1 + this.random.below(6) }, () => ({
      destination: ledgerKeyFromBytes(this.random.bytes(32)).address,
      amount: AMOUNT,
      hash: null,
      lockedUntil: 0,
      channel: null,
      isPaid: false,
    }));
    this.network = new SimulatedNetwork({
      nodes: 1,
      isBalanced: false,
      balances: new Map([
        [world.host.address, RICH],
        ...this.channels.map(({ address }) => [address, 0n] as const),
        ...this.rows.map(({ destination }) => [destination, ENOUGH] as const),
      ]),
    });
    const http = new SimulatedTransport({
      network: this.network,
      actor: new Actor('reference', this.stepper),
      random: this.random,
      weather: this.weather,
      onSubmit: () => undefined,
    });
    const horizon = {
      horizonUrls: this.network.urls,
      networkPassphrase: PASSPHRASE,
      http,
    };
    this.submitter = new StellarSubmitter({ ...horizon, signer: world.keys });
    this.reader = new StellarReader(horizon);
  }

  async run(): Promise<ReferenceReport> {
    const stormy = 4 + this.random.below(10);
    for (let ledger = 0; ledger < stormy + CALM_LEDGERS; ledger += 1) {
      if (ledger === stormy) this.calm();
      else if (ledger < stormy) this.lagSometimes();
      const tick = this.tick();
      await this.stepper.run();
      await tick;
      this.network.closeLedger(SECONDS_PER_LEDGER);
      if (ledger > stormy && this.rows.every((one) => one.isPaid)) break;
    }
    const counts = this.rows.map(
      ({ destination }) => this.network.paid.filter((one) => one.destination === destination).length,
    );
    return { payments: this.rows.length, paidTwice: counts.filter((count) => count > 1).length };
  }

  private async tick(): Promise<void> {
    const now = this.network.sequence;
    for (const row of this.rows) {
      if (row.isPaid || row.hash === null) continue;
      // A synchronous submission hears of its ledger while it waits; later it has to ask.
      await this.reconcile(row, row.lockedUntil > now);
    }
    for (const row of this.rows) {
      if (row.isPaid || row.hash !== null) continue;
      const channel = this.channels.find((one) => !this.rows.some((other) => other.channel === one));
      if (channel !== undefined) await this.submit(row, channel);
    }
  }

  private async reconcile(row: Row, isWaiting: boolean): Promise<void> {
    const found = await this.reader.transaction(row.hash ?? '').catch(() => undefined);
    if (found === undefined) return;
    if (found?.successful === true) {
      row.isPaid = true;
      this.unlock(row);
      return;
    }
    if (isWaiting && found === null) return;
    // It did not make it, they say.
    row.hash = null;
    this.unlock(row);
  }

  private async submit(row: Row, channel: LedgerKey): Promise<void> {
    const account = await this.reader.account(channel.address).catch(() => null);
    if (account === null) return;
    const { closeTime, sequence: now } = this.network.core.header;
    const [prepared] = await this.submitter.prepare([
      {
        channel: channel.address,
        sequence: account.sequence + 1n,
        distribution: this.world.keys.host,
        payments: [{ destination: row.destination, asset: XLM, amount: row.amount }],
        memo: null,
        maxTime: new Date((closeTime + LIFETIME_SECONDS) * 1_000),
        feeRate: FEE_RATE,
      },
    ]);
    if (prepared === undefined) return;
    row.hash = prepared.reference;
    row.channel = channel;
    const answer = await this.submitter.submit(prepared.payload);
    if (answer.kind === 'accepted') row.lockedUntil = now + PATIENCE_LEDGERS;
    else this.unlock(row);
  }

  private unlock(row: Row): void {
    row.channel = null;
    row.lockedUntil = 0;
  }

  private lagSometimes(): void {
    for (const { reader } of this.network.nodes) {
      if (!this.random.chance(this.weather.lag)) continue;
      reader.lag = this.random.below(3);
      reader.catchUp();
    }
  }

  private calm(): void {
    calmDown(this.weather);
    for (const { reader } of this.network.nodes) {
      reader.lag = 0;
      reader.catchUp();
    }
  }
}
