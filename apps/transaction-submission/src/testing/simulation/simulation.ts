import { paymentReadyToPayV1 } from '@libs/contracts';
import { ledgerKeyFromBytes } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';

import { asTenant, type EngineSettings } from '../../engine-context';
import { readyToPayHandler } from '../../payments/ready-to-pay-assembly';
import { checkMoney, checkNotDoubted, checkNothingLost, checkNotPaidTwice, checkTables } from './invariants';
import { SeededRandom } from './seeded-random';
import { type ReadyData, SimulatedCore, type SimulatedPayment, type ToldOutcome } from './simulated-core';
import { paymentsOf, SimulatedNetwork, type SimulatedNode } from './simulated-network';
import { SimulatedStaff } from './simulated-staff';
import { SimulatedTime } from './simulated-time';
import { CHANNELS_MAX, EXPIRY_SECONDS, type SimulationWorld } from './simulation-world';
import { SteppedUnitOfWork } from './stepped-unit-of-work';
import { Actor, Stepper } from './stepper';
import { WorkerPool } from './worker-pool';
import { calmDown, drawWeather, type Weather } from './weather';

export interface SimulationReport {
  readonly seed: number;
  /** The same digest means the same run, step by step. */
  readonly digest: string;
  readonly ledgers: number;
  readonly steps: number;
  readonly payments: number;
  readonly paid: number;
  readonly processes: number;
}

/** A seed under which an invariant broke. */
export class SeedFailedError extends Error {
  override readonly name = 'SeedFailedError';
}

const STARTED = new Date('2026-01-01T00:00:00Z');
const RICH = 1_000_000_000_000n;
const ENOUGH = 100_000_000n;
/** Longer than any lifetime of an attempt, in ledgers of at least 5 s, several times over. */
const CALM_LEDGERS_MAX = 120;
const STUCK_AFTER_NS = 5_000_000_000n;
/** Seconds between ledgers. On a slow network an attempt has its time behind it after a few of them. */
const TEMPOS = [
  [5, 5, 6, 15],
  [15, 20],
] as const;
/** In ledgers. */
const LAG_MAX = 6;
const PRESSES_MAX = 4;
const NOTHING_WRONG = { cutBefore: 0, cutAtCommit: 0 };

/** One run of the whole flow of payments, from the hand-over to the told outcome, under everything that can go wrong. */
export class Simulation {
  private readonly random: SeededRandom;
  private readonly time: SimulatedTime;
  private readonly stepper: Stepper;
  private readonly weather: Weather;
  private readonly network: SimulatedNetwork;
  private readonly core: SimulatedCore;
  private readonly staff: SimulatedStaff;
  private readonly bus: Actor;
  private readonly handlerUow: SteppedUnitOfWork;
  private readonly channels: number;
  private readonly hasLaggard: boolean;
  private readonly tempo: readonly number[];
  private readonly workers: WorkerPool;
  private outboxSeen = 0n;
  private ledgers = 0;
  private violation: Error | null = null;

  constructor(
    private readonly world: SimulationWorld,
    private readonly seed: number,
    tell: ((line: string) => void) | null = null,
  ) {
    this.random = new SeededRandom(seed);
    this.time = new SimulatedTime(STARTED, new SeededRandom(seed + 0x1234_567));
    this.stepper = new Stepper(this.random, tell);
    this.weather = drawWeather(this.random);
    this.channels = this.random.pick([1, 2, CHANNELS_MAX, CHANNELS_MAX]);
    this.hasLaggard = this.weather.lag > 0 && this.random.chance(0.5);
    this.tempo = this.hasLaggard ? TEMPOS[1] : this.random.pick(TEMPOS);
    const wanted = this.random.chance(0.6) ? 1 : 2;
    const settings: EngineSettings = {
      channelAccounts: this.channels,
      paymentsPerEnvelope: this.random.pick([1, 1, 2, 5]),
      maxBaseFee: 100_000n,
      lifetimeSeconds: 60,
      lookUpsPerSecond: this.random.pick([0, 100]),
      takeOverEveryMs: 5_000,
      expirySeconds: EXPIRY_SECONDS,
    };
    const payments = this.newPayments();
    this.core = new SimulatedCore(payments, this.random);
    this.network = this.newNetwork(payments);
    this.bus = new Actor('bus', this.stepper);
    this.handlerUow = this.quietUow(world.database, this.bus);
    this.staff = new SimulatedStaff({
      uow: this.quietUow(world.asStaff, new Actor('staff', this.stepper)),
      tenantId: world.tenantId,
      core: this.core,
      network: this.network,
      random: this.random,
    });
    const { network, random, stepper, time, weather } = this;
    this.workers = new WorkerPool(
      { world, network, random, weather, stepper, settings, time, onSubmit: (payload) => this.sees(payload) },
      wanted,
    );
  }

  /** Runs to the end. Throws a `SeedFailedError` when an invariant broke on the way. */
  async run(): Promise<SimulationReport> {
    await this.world.reset(this.channels);
    const restore = this.time.install();
    try {
      await this.weatherPhase();
      await this.calmPhase();
      checkNothingLost(this.core);
      checkMoney(this.core, this.network);
      await checkTables(this.world.admin, this.core);
    } catch (error) {
      throw new SeedFailedError(
        `seed ${String(this.seed)} fails after ledger ${String(this.ledgers)}, step ${String(this.stepper.count)}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    } finally {
      this.workers.killAll();
      await this.stepper.run();
      restore();
    }
    this.stepper.note(`the last ledger is ${this.network.core.header.hash}`);
    return {
      seed: this.seed,
      digest: this.stepper.digest(),
      ledgers: this.ledgers,
      steps: this.stepper.count,
      payments: this.core.payments.length,
      paid: this.network.paid.length,
      processes: this.workers.started,
    };
  }

  private async weatherPhase(): Promise<void> {
    const ledgers = 4 + this.random.below(12);
    for (let index = 0; index < ledgers; index += 1) {
      this.changeNetwork();
      this.pressButtons();
      await this.ledger({ everyDelivery: false });
      if (this.core.isDone && !this.staff.isHolding) break;
    }
  }

  /** Nothing goes wrong any more: everybody must come to an end. */
  private async calmPhase(): Promise<void> {
    calmDown(this.weather);
    this.network.core.pressure.leastRate = 0n;
    await this.workers.thaw();
    for (const node of this.network.nodes) {
      node.down = false;
      node.reader.frozen = false;
      node.reader.lag = 0;
      node.reader.catchUp();
    }
    this.act(this.staff.releaseAll());
    for (let index = 1; index <= CALM_LEDGERS_MAX; index += 1) {
      if (index % 15 === 0) this.core.dispatchAgain();
      this.act(this.staff.cancelRequested());
      await this.ledger({ everyDelivery: true });
      if (this.core.isDone && (await this.isQuiet())) return;
    }
  }

  /** One ledger's worth of everything. */
  private async ledger({ everyDelivery }: { readonly everyDelivery: boolean }): Promise<void> {
    this.core.dispatchReady();
    for (const data of this.core.deliveries(everyDelivery)) this.act(this.deliver(data));
    await this.workers.prepare();
    await this.workAll();
    // What nodes said is recorded in a second turn, which may come before the next ledger or after it.
    if (this.random.chance(0.6)) await this.workAll();
    await this.hearOutcomes();
    const seconds = this.random.pick(this.tempo);
    this.network.closeLedger(seconds);
    this.time.advance(seconds * 1_000);
    await this.letTimePass(seconds);
    this.ledgers += 1;
    this.stepper.note(`ledger ${String(this.network.sequence)}`);
    checkNotPaidTwice(this.core, this.network);
    this.staff.seesLedger();
    await checkNotDoubted(this.world.admin);
  }

  /** Lets everybody work until nobody has anything to do. */
  private async workAll(): Promise<void> {
    this.workers.beginTurns();
    const since = process.hrtime.bigint();
    for (;;) {
      await this.stepper.run();
      if (this.violation !== null) throw this.violation;
      if (!this.workers.areBusy) return;
      if (process.hrtime.bigint() - since > STUCK_AFTER_NS) {
        throw new Error('a process waits for something that is no step');
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  private async letTimePass(seconds: number): Promise<void> {
    await this.world.admin.query(
      `UPDATE submissions.instances SET heartbeat_at = heartbeat_at - interval '${String(seconds)} s';
       UPDATE submissions.holds SET created_at = created_at - interval '${String(seconds)} s';
       UPDATE submissions.submissions
          SET ready_at = ready_at - interval '${String(seconds)} s',
              claimed_until = claimed_until - interval '${String(seconds)} s' WHERE status = 'QUEUED'`,
    );
  }

  private pressButtons(): void {
    for (let presses = 0; presses < PRESSES_MAX && this.random.chance(this.weather.press); presses += 1) {
      this.act(this.staff.press());
    }
  }

  /** In some seeds one node is far behind all the time, and it may be the one that is asked first. */
  private nodesThatChange(): readonly SimulatedNode[] {
    const { nodes } = this.network;
    if (!this.hasLaggard) return nodes;
    const [laggard, ...others] = nodes;
    if (laggard !== undefined) laggard.reader.lag = LAG_MAX;
    return others;
  }

  private changeNetwork(): void {
    const { core, nodes } = this.network;
    for (const { context, reader } of this.nodesThatChange()) {
      if (!this.random.chance(this.weather.lag)) continue;
      reader.frozen = !reader.frozen && context.history.latestSequence > 0;
      reader.lag = this.random.below(LAG_MAX);
      reader.catchUp();
    }
    for (const node of nodes) node.down = this.random.chance(this.weather.nodeDown);
    if (this.random.chance(this.weather.surge)) {
      core.pressure.leastRate = this.random.pick([0n, 150n, 700n, 3_000n]);
    }
  }

  /** Does something beside the workers, as steps among theirs. */
  private act(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.violation ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  private async deliver(data: ReadyData): Promise<void> {
    const handler = readyToPayHandler(silentLogger);
    await this.handlerUow.run(asTenant(this.world.tenantId), (tx) =>
      handler.handle(tx, {
        id: this.time.newId(),
        topic: paymentReadyToPayV1.topic,
        key: 'simulation',
        tenant_id: this.world.tenantId,
        type: 'payment-ready-to-pay-disbursement-started',
        version: 1,
        occurred_at: STARTED.toISOString(),
        trace: '',
        data,
      }),
    );
  }

  /** Core reads what the outbox holds since the last time, in any order, some of it twice. */
  private async hearOutcomes(): Promise<void> {
    const { rows } = await this.world.admin.query<{ seq: string; value: Buffer }>(
      `SELECT seq, value FROM eventing.outbox
        WHERE seq > $1 AND topic = 'events.payment.payment_completed' ORDER BY seq`,
      [this.outboxSeen],
    );
    for (const { seq } of rows) this.outboxSeen = BigInt(seq);
    const outcomes = rows.flatMap(({ value }) => readOutcomes(value));
    const again = outcomes.filter(() => this.random.chance(0.2));
    for (const one of this.random.shuffled([...outcomes, ...again])) this.core.hear(one);
  }

  private sees(payload: string): void {
    const transaction = this.network.decode(payload);
    if (transaction === null) return;
    try {
      this.staff.sees(
        transaction.inner.hashHex,
        new Set(paymentsOf(transaction, 0).map((one) => one.destination)),
        this.network.canTake(transaction),
      );
    } catch (error) {
      this.violation ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  private async isQuiet(): Promise<boolean> {
    const { rows } = await this.world.admin.query<{ busy: boolean }>(
      `SELECT EXISTS (SELECT FROM submissions.attempts WHERE ended_at IS NULL) AS busy`,
    );
    return rows[0]?.busy === false;
  }

  private quietUow(database: SimulationWorld['database'], actor: Actor): SteppedUnitOfWork {
    return new SteppedUnitOfWork(database, { actor, random: this.random, weather: NOTHING_WRONG });
  }

  private newPayments(): SimulatedPayment[] {
    const disbursements = [this.time.newId(), null];
    return Array.from({ length: 1 + this.random.below(6) }, () => ({
      id: this.time.newId(),
      destination: ledgerKeyFromBytes(this.random.bytes(32)).address,
      amount: 1n + BigInt(this.random.below(50_000_000)),
      disbursementId: this.random.pick(disbursements),
      receiverWalletId: this.time.newId(),
      status: 'READY',
      dispatch: 0,
      cancelRequested: false,
    }));
  }

  private newNetwork(payments: readonly SimulatedPayment[]): SimulatedNetwork {
    const missing = this.random.chance(0.3) ? 0.4 : 0;
    const people = payments.filter(() => !this.random.chance(missing));
    return new SimulatedNetwork({
      nodes: this.hasLaggard ? this.random.pick([2, 3]) : this.random.pick([1, 1, 2, 3]),
      isBalanced: this.random.chance(0.4),
      balances: new Map([
        [this.world.host.address, RICH],
        ...this.world.channelKeys.map(({ address }) => [address, 0n] as const),
        ...people.map(({ destination }) => [destination, ENOUGH] as const),
      ]),
    });
  }
}

function readOutcomes(value: Buffer): ToldOutcome[] {
  const event = JSON.parse(value.toString('utf8')) as { readonly data: { readonly payments: ToldOutcome[] } };
  return event.data.payments.map(({ id, dispatch, outcome }) => ({ id, dispatch, outcome }));
}
