import { randomBytes } from 'node:crypto';

import { type EventDataOf, paymentReadyToPayV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { formatAmount, newId, XLM } from '@libs/kernel';
import { type FakeLedger, type LedgerKey, type LedgerReader, type LedgerSubmitter } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { type Logger, MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import {
  ChannelAccountRepository,
  ChannelMaintenanceLock,
  ChannelPopulationRepository,
  VaultRepository,
} from '@libs/submissions';
import { type DistributionAccountType, TenantsRepository } from '@libs/tenants';
import { KillableUnitOfWork, KilledError, KillSwitch, testDatabase, type TestDatabase } from '@libs/testing';

import { type AssembledEngine, assembleEngine } from '../engine-assembly';
import { ACTOR, asTenant, type EngineSettings } from '../engine-context';
import { VaultKeys } from '../keys/vault-keys';
import { readyToPayHandler } from '../payments/ready-to-pay-assembly';
import { openSubmissionDatabase } from '../submission-database';
import { KillableSubmitter } from './killable-submitter';

type ReadyData = EventDataOf<typeof paymentReadyToPayV1>;
type ReadyPayment = ReadyData['payments'][number];

export interface Payee {
  readonly paymentId: string;
  readonly destination: string;
  readonly amount: bigint;
}

export interface Process extends AssembledEngine {
  readonly kill: KillSwitch;
  readonly uow: UnitOfWork;
  readonly metrics: MetricsRegistry;
}

export interface LedgerForEngine {
  readonly reader: LedgerReader;
  readonly submitter: LedgerSubmitter;
}

const SETTINGS: EngineSettings = {
  channelAccounts: 4,
  paymentsPerEnvelope: 1,
  maxBaseFee: 100_000n,
  lifetimeSeconds: 60,
  lookUpsPerSecond: 0,
  takeOverEveryMs: 0,
  expirySeconds: 15,
};

/** One database, one tenant that the host account pays for, and as many engine processes as a test wants. */
export class EngineWorld {
  readonly host: LedgerKey;
  readonly encryptionKey = new Uint8Array(randomBytes(32));
  readonly uow: UnitOfWork;
  /** Of the handler that payments are handed to. */
  logger: Logger = silentLogger;
  tenantId = '';

  private constructor(
    readonly testDb: TestDatabase,
    readonly database: Database,
    readonly asDashboard: Database,
    readonly ledger: LedgerForEngine,
    host: LedgerKey,
  ) {
    this.host = host;
    this.uow = new UnitOfWork(database);
  }

  /** `own`: another database than a new one of the run's server. */
  static async open(
    ledger: LedgerForEngine,
    host: LedgerKey = newLedgerKey(),
    own?: TestDatabase,
  ): Promise<EngineWorld> {
    const testDb = own ?? (await testDatabase());
    const database = openSubmissionDatabase({
      url: testDb.url('transactionSubmission'),
      applicationName: 'engine test',
      connectionsMax: 12,
    });
    const asDashboard = new Database({ url: testDb.url('dashboardApi'), applicationName: 'dashboard test' });
    const world = new EngineWorld(testDb, database, asDashboard, ledger, host);
    world.tenantId = await world.addTenant('acme');
    return world;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.asDashboard.close();
    await this.testDb.drop();
  }

  async addTenant(
    name: string,
    distributionAccountType: DistributionAccountType = 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
  ): Promise<string> {
    const tenants = new TenantsRepository();
    return await new UnitOfWork(this.asDashboard).runSystem('a tenant for the test', async (tx) => {
      const tenant = await tenants.add(tx, {
        name,
        baseUrl: 'https://pay.test',
        sdpUiBaseUrl: 'https://staff.test',
        distributionAccountType,
        actor: 'test',
      });
      if (tenant === null) throw new Error('the name is taken');
      await tenants.move(tx, tenant.id, 'provision', 'test');
      return tenant.id;
    });
  }

  keys(uow: UnitOfWork = this.uow, host: LedgerKey = this.host): VaultKeys {
    return new VaultKeys(uow, new VaultRepository(), { encryptionKeys: [this.encryptionKey], host });
  }

  maintenance(): ChannelMaintenanceLock {
    return new ChannelMaintenanceLock({
      url: this.testDb.url('transactionSubmission'),
      applicationName: 'maintenance test',
    });
  }

  /** Channel accounts that exist on a fake ledger, as if they had been created long ago. */
  async addChannels(fake: FakeLedger, count: number): Promise<readonly string[]> {
    const made = await this.keys().make({ purpose: 'channel', count });
    for (const address of made) fake.fund(address, 0n);
    const sequences = new Map(made.map((address) => [address, fake.account(address)?.sequence ?? 0n]));
    await this.uow.runSystem('channel accounts for the test', async (tx) => {
      const channels = new ChannelAccountRepository();
      await new ChannelPopulationRepository().insert(tx, made, ACTOR);
      await channels.markOnLedger(tx, sequences);
    });
    return made;
  }

  /** A process that dies at the given point (counted from 1), or never. `host`: started with another seed than the world's. */
  process(
    options: {
      killAt?: number | null;
      settings?: Partial<EngineSettings>;
      logger?: Logger;
      host?: LedgerKey;
    } = {},
  ): Process {
    const kill = new KillSwitch(options.killAt ?? null);
    const uow = new KillableUnitOfWork(this.database, kill);
    const instanceId = newId();
    const metrics = new MetricsRegistry();
    const assembled = assembleEngine(
      {
        instanceId,
        sessionsName: `test ${instanceId}`,
        uow,
        reader: this.ledger.reader,
        submitter: new KillableSubmitter(this.ledger.submitter, kill),
        logger: options.logger ?? silentLogger,
        settings: { ...SETTINGS, ...options.settings },
      },
      {
        keys: this.keys(uow, options.host),
        outbox: new Outbox(),
        metrics,
        ledgerPollMs: 100,
        maintenance: this.maintenance(),
      },
    );
    return { ...assembled, kill, uow, metrics };
  }

  /** An asset that the organisation has chosen. */
  async addAsset(tenantId: string, { id, code, issuer }: ReadyData['asset']): Promise<void> {
    await new UnitOfWork(this.asDashboard).run(asTenant(tenantId), (tx) =>
      tx.execute(
        `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [tenantId, id, code, issuer],
      ),
    );
  }

  /** Hands payments over, as the event from core does. */
  async dispatch(
    payees: readonly Payee[],
    options: {
      readonly tenantId?: string;
      readonly disbursementId?: string | null;
      readonly dispatch?: number;
      readonly asset?: ReadyData['asset'];
      readonly memo?: ReadyPayment['memo'];
      readonly trace?: string;
    } = {},
  ): Promise<void> {
    const tenantId = options.tenantId ?? this.tenantId;
    if (options.asset !== undefined) await this.addAsset(tenantId, options.asset);
    const data: ReadyData = {
      disbursement_id: options.disbursementId ?? null,
      asset: options.asset ?? { id: newId(), code: XLM.code, issuer: XLM.issuer },
      payments: payees.map(({ paymentId, destination, amount }) => ({
        id: paymentId,
        dispatch: options.dispatch ?? 1,
        receiver_wallet_id: newId(),
        amount: formatAmount(amount),
        destination,
        memo: options.memo ?? null,
      })),
    };
    await this.handOver(tenantId, data, options.trace);
  }

  /** The event itself, as it comes from whoever wrote it. */
  async handOver(tenantId: string, data: ReadyData, trace = ''): Promise<void> {
    const handler = readyToPayHandler(this.logger);
    await this.uow.run(asTenant(tenantId, trace), (tx) =>
      handler.handle(tx, {
        id: newId(),
        topic: paymentReadyToPayV1.topic,
        key: 'test',
        tenant_id: tenantId,
        type: 'payment-direct-payment',
        version: 1,
        occurred_at: '2026-01-01T00:00:00.000Z',
        trace: '',
        data,
      }),
    );
  }

  async statuses(tenantId = this.tenantId): Promise<Record<string, number>> {
    const rows = await this.uow.run(asTenant(tenantId), (tx) =>
      tx.query<{ status: string; count: bigint }>(
        `SELECT status, count(*) AS count FROM submissions.submissions WHERE tenant_id = $1 GROUP BY status`,
        [tenantId],
      ),
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  async attempts(tenantId = this.tenantId): Promise<Record<string, number>> {
    const rows = await this.uow.run(asTenant(tenantId), (tx) =>
      tx.query<{ status: string; count: bigint }>(
        `SELECT status, count(*) AS count FROM submissions.attempts WHERE tenant_id = $1 GROUP BY status`,
        [tenantId],
      ),
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  /** The outcomes in the outbox: payment, outcome, reason and trace. */
  async outcomes(): Promise<
    readonly { id: string; outcome: string; reason: string | null; trace: string }[]
  > {
    const rows = await this.uow.runSystem('the outbox, to check it', (tx) =>
      tx.query<{ value: Buffer }>(
        `SELECT value FROM eventing.outbox WHERE topic = 'events.payment.payment_completed' ORDER BY seq`,
      ),
    );
    return rows.flatMap(({ value }) => {
      const event = JSON.parse(value.toString('utf8')) as {
        trace: string;
        data: { payments: { id: string; outcome: string; reason_code: string | null }[] };
      };
      return event.data.payments.map(({ id, outcome, reason_code: reason }) => ({
        id,
        outcome,
        reason,
        trace: event.trace,
      }));
    });
  }
}

export const payee = (amount = 10_000_000n): Payee => ({
  paymentId: newId(),
  destination: newLedgerKey().address,
  amount,
});

/** Longer than any answer of a sandbox whose ledgers are closed by the test. */
const POSTED_MS = 20_000;

/** One turn of a process. True when it was killed in it. */
export async function turn(process: Process): Promise<boolean> {
  try {
    await process.watch.look();
    await process.engine.turn();
    await process.sending.whenIdle(POSTED_MS);
    await process.engine.turn();
    return process.kill.dead;
  } catch (error) {
    if (error instanceof KilledError) return true;
    throw error;
  }
}
