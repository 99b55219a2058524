import { randomBytes } from 'node:crypto';

import { newId } from '@libs/kernel';
import { seedTextOf } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { Database, UnitOfWork } from '@libs/persistence';
import { TenantsRepository } from '@libs/tenants';
import { Client } from 'pg';

import { checkTables } from '../simulation/invariants';
import { SeededRandom } from '../simulation/seeded-random';
import { ViolationError } from '../simulation/simulated-core';
import { BrakePresser } from './brake-presser';
import { CoreStandIn, type OrderedPayment } from './core-stand-in';
import { type Fault, FaultSchedule } from './fault-schedule';
import { checkLedger } from './ledger-check';
import { OwnDatabase } from './own-database';
import { OwnNetwork } from './own-network';
import { ProcessPair } from './process-pair';

export interface RoundsOrder {
  readonly seed: number;
  /** For how long a process is stopped. */
  readonly freezeSeconds: number;
  /** Nothing but faults of this kind; null for all. */
  readonly only: Fault['kind'] | null;
}

export interface RoundReport {
  readonly fault: Fault;
  /** Whether it struck; a point that is not met in its round does not count. */
  readonly struck: boolean;
  readonly payments: number;
  readonly seconds: number;
}

export interface RoundsSummary {
  readonly payments: number;
  readonly paid: number;
  readonly pointsKnown: number;
  readonly pointsStruck: number;
  readonly pointsMissing: readonly string[];
  readonly processes: number;
}

const CHANNELS = 6;
const PAYMENTS = 30;
const PAYMENTS_PER_ENVELOPE = 3;
const EXPIRY_SECONDS = 3;
/** Three times as long as a process may be silent. */
export const FREEZE_SECONDS = 3 * EXPIRY_SECONDS;
const PEOPLE = 48;
/** Every tenth payment goes to an account that does not exist. */
const NOBODY = 0.1;
const AMOUNT = 1_000_000n;
const OUTCOMES_MS = 120_000;
const LOOK_EVERY_MS = 20;
const HOLD_MS = 700;
const STRIKE_WITHIN_MS = 1_200;
/** Longer than any envelope of the last round can still be included. */
const LEDGERS_AFTER = 14;
const LEDGER_MS = 300;

const pause = async (milliseconds: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
};

/** Real processes on a real PostgreSQL and the sandbox network, of which something is killed in each round. */
export class KillRounds {
  private readonly people: readonly string[] = Array.from({ length: PEOPLE }, () => newLedgerKey().address);
  private serial = 0n;

  private constructor(
    private readonly random: SeededRandom,
    private readonly schedule: FaultSchedule,
    private readonly parts: {
      readonly database: OwnDatabase;
      readonly network: OwnNetwork;
      readonly core: CoreStandIn;
      readonly brake: BrakePresser;
      readonly pair: ProcessPair;
      readonly host: string;
      readonly tenantId: string;
      readonly freezeSeconds: number;
    },
  ) {}

  static async open({ seed, freezeSeconds, only }: RoundsOrder): Promise<KillRounds> {
    const random = new SeededRandom(seed);
    const schedule = new FaultSchedule(random, only);
    const [database, network] = [await OwnDatabase.start(), await OwnNetwork.start()];
    const host = newLedgerKey();
    await network.fund([host.address]);
    const tenantId = await addTenant(database.url('dashboardApi'));
    const pair = new ProcessPair(
      {
        DATABASE_URL: database.url('transactionSubmission'),
        NETWORK_PASSPHRASE: network.sandbox.passphrase,
        HORIZON_URL: network.sandbox.url,
        DISTRIBUTION_SEED: seedTextOf(host.seed),
        KEY_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
        EVENT_BROKER_TYPE: 'POSTGRES',
        LOG_LEVEL: 'info',
        TSS_METRICS_PORT: '0',
        NUM_CHANNEL_ACCOUNTS: String(CHANNELS),
        PAYMENTS_PER_ENVELOPE: String(PAYMENTS_PER_ENVELOPE),
        INSTANCE_EXPIRY_SECONDS: String(EXPIRY_SECONDS),
      },
      (point, action) => {
        schedule.add(point, action);
      },
    );
    const core = await CoreStandIn.start(database.url('disbursementCore'), tenantId);
    const brake = new BrakePresser(database.url('dashboardApi'), tenantId);
    const rounds = new KillRounds(random, schedule, {
      database,
      network,
      core,
      brake,
      pair,
      host: host.address,
      tenantId,
      freezeSeconds,
    });
    await network.fund(rounds.people);
    await pair.complete();
    return rounds;
  }

  async close(): Promise<void> {
    const { brake, core, database, network, pair } = this.parts;
    await pair.killAll();
    await core.stop();
    await brake.close();
    await network.stop();
    await database.stop();
  }

  /** Everything works, and every point that is met makes itself known. */
  async warmUp(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      await this.parts.network.makeTrouble(this.random);
      await this.order();
      await this.pressBrake();
      await this.settled();
    }
    await this.parts.pair.renew(null);
  }

  /** One round. Throws a `ViolationError` when an invariant broke. */
  async round(): Promise<RoundReport> {
    const { core, network, pair } = this.parts;
    const since = performance.now();
    const before = core.payments.length;
    const fault = this.schedule.next();
    await pair.complete();
    await network.makeTrouble(this.random);
    const strike = fault.kind === 'point' ? pair.arm(fault) : null;
    await this.order();
    await pause(this.random.below(STRIKE_WITHIN_MS));
    if (fault.kind === 'postgres') await this.parts.database.killAndRestart();
    else if (fault.kind === 'freeze') await pair.freeze(this.parts.freezeSeconds * 1_000);
    else if (this.random.chance(0.5)) await this.pressBrake();
    await this.settled();
    let struck = strike === null || strike.hasStruck();
    // What is only met when a process stops or starts, is met by stopping and starting one.
    if (!struck && fault.kind === 'point') struck = await pair.renew(fault);
    pair.disarm();
    if (struck) this.schedule.hasStruck(fault);
    return {
      fault,
      struck,
      payments: core.payments.length - before,
      seconds: (performance.now() - since) / 1_000,
    };
  }

  /** Once no envelope can come late any more. Throws a `ViolationError` when an invariant broke. */
  async end(): Promise<RoundsSummary> {
    const { core, pair } = this.parts;
    await pause(LEDGERS_AFTER * LEDGER_MS);
    await this.check();
    return {
      payments: core.payments.length,
      paid: [...core.told.values()].filter((one) => one === 'SUCCESS').length,
      pointsKnown: this.schedule.known,
      pointsStruck: this.schedule.struck,
      pointsMissing: this.schedule.missing,
      processes: pair.started,
    };
  }

  private async order(): Promise<void> {
    for (let half = 0; half < 2; half += 1) {
      const disbursementId = newId();
      await this.parts.core.dispatch(
        Array.from({ length: PAYMENTS / 2 }, (): OrderedPayment => {
          this.serial += 1n;
          return {
            id: newId(),
            dispatch: 1,
            disbursementId,
            destination: this.random.chance(NOBODY) ? newLedgerKey().address : this.random.pick(this.people),
            amount: AMOUNT + this.serial,
          };
        }),
      );
    }
  }

  /** Somebody holds the newest disbursement, or everything of the tenant, for a moment. */
  private async pressBrake(): Promise<void> {
    const { brake, core, tenantId } = this.parts;
    const newest = core.payments.at(-1)?.disbursementId;
    if (newest === undefined) return;
    await brake.press(
      this.random.chance(0.5) ? { type: 'tenant', id: tenantId } : { type: 'disbursement', id: newest },
    );
    await pause(this.random.below(HOLD_MS));
    await brake.lift();
  }

  /** Until everybody has an outcome, with nothing in the way any more; and then everything has to be right. */
  private async settled(): Promise<void> {
    const { core, network, pair } = this.parts;
    await network.calm();
    const since = performance.now();
    while (core.waiting > 0) {
      // Whoever took over may have come to the same point.
      await pair.complete();
      await pause(LOOK_EVERY_MS);
      if (performance.now() - since < OUTCOMES_MS) continue;
      const found = await this.state();
      throw new ViolationError(
        'I2',
        `${String(core.waiting)} payments have no outcome; ${found}\n${pair.lastLines}`,
      );
    }
    await this.check();
  }

  private async check(): Promise<void> {
    const { core, host, network } = this.parts;
    core.check();
    checkLedger(core, await network.paidBy(host));
    await this.asAdmin((admin) => checkTables(admin, core));
  }

  /** How far things have come, for whoever has to find out why they came no further. */
  private async state(): Promise<string> {
    const { closedAt, sequence } = await this.parts.network.reader.latestLedger();
    return await this.asAdmin(async (admin) => {
      const { rows } = await admin.query<{ what: string; count: string }>(
        `SELECT 'submission ' || status AS what, count(*) FROM submissions.submissions GROUP BY status
         UNION ALL SELECT 'attempt ' || status, count(*) FROM submissions.attempts GROUP BY status
         UNION ALL SELECT 'channel account ' || status || coalesce(' with ' || live_attempt, ''), count(*)
                     FROM submissions.channel_accounts GROUP BY status, live_attempt
         UNION ALL SELECT 'hold', count(*) FROM submissions.holds
         UNION ALL SELECT 'outbox ' || topic, count(*) FROM eventing.outbox GROUP BY topic
         UNION ALL SELECT 'log ' || topic, count(*) FROM eventing.log GROUP BY topic
         UNION ALL SELECT 'retry ' || topic, count(*) FROM eventing.retry GROUP BY topic`,
      );
      const found = rows.map(({ what, count }) => `${what}: ${count}`).join(', ');
      return `ledger ${String(sequence)} of ${closedAt.toISOString()}; ${found}`;
    });
  }

  private async asAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
    const { superuserUrl } = this.parts.database;
    const admin = new Client({ connectionString: superuserUrl, application_name: 'kill rounds' });
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }
}

async function addTenant(url: string): Promise<string> {
  const database = new Database({ url, applicationName: 'dashboard-api', connectionsMax: 1 });
  const tenants = new TenantsRepository();
  try {
    return await new UnitOfWork(database).runSystem('a tenant for the kill rounds', async (tx) => {
      const tenant = await tenants.add(tx, {
        name: 'acme',
        baseUrl: 'https://pay.test',
        sdpUiBaseUrl: 'https://staff.test',
        distributionAccountType: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
        actor: 'kill rounds',
      });
      if (tenant === null) throw new Error('the name is taken');
      await tenants.move(tx, tenant.id, 'provision', 'kill rounds');
      return tenant.id;
    });
  } finally {
    await database.close();
  }
}
