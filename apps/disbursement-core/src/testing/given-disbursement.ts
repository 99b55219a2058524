import { type EventContract, type EventOf } from '@libs/contracts';
import {
  DisbursementMoves,
  DispatchRepository,
  FundReservations,
  FundsOfPayments,
  OutcomesRepository,
  PayablePayments,
  PaymentMoves,
  PaymentsToWorkOn,
  WorkItems,
} from '@libs/disbursements';
import { type EventHandler, EventRuntime, Outbox } from '@libs/eventing';
import { newId } from '@libs/kernel';
import { MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';
import { ReceiverWalletMoves } from '@libs/receivers';
import { Holds } from '@libs/submissions';
import { OrganizationsRepository, TenantsRepository } from '@libs/tenants';
import { tellPlans, type TestDatabase, testDatabase } from '@libs/testing';
import { Client } from 'pg';

import { DispatchQueue } from '../dispatch/dispatch-queue';
import { DispatchSweepJob } from '../dispatch/dispatch-sweep.job';
import { PaymentDispatcher } from '../dispatch/payment-dispatcher.service';
import { CancellationService } from '../outcomes/cancellation.service';
import { DisputeService } from '../outcomes/dispute.service';
import { OnPaymentCompletedHandler } from '../outcomes/on-payment-completed.handler';
import { DrainWorkItemsJob } from '../work/drain-work-items.job';
import { WorkStep } from '../work/work-step.service';

export const ACCOUNT = `G${'A'.repeat(55)}`;
export const ISSUER = `G${'B'.repeat(55)}`;
/** In stroops per operation: at which fees are promised here. */
export const PROMISED_BASE_FEE = 100;
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 10;

/** A person of the file, by how far they got. */
export interface GivenPerson {
  readonly amount: bigint;
  readonly registered: boolean;
}

export interface GivenPayment {
  readonly id: string;
  readonly receiverWalletId: string;
}

export interface Given {
  readonly tenantId: string;
  readonly disbursementId: string;
  readonly payments: readonly GivenPayment[];
}

export interface CoreWorldOptions {
  readonly backlogMax?: number;
  /** Whether connections of the app tell their plans. */
  readonly plans?: boolean;
  /** The setting of the app, in stroops; unless given, the same as that of who starts disbursements. */
  readonly maxBaseFee?: number;
}

/** The parts of disbursement-core on a database of its own, as the role of the app. */
export class CoreWorld {
  readonly unit: UnitOfWork;
  readonly moves = new PaymentMoves();
  readonly disbursements = new DisbursementMoves();
  readonly payments = new PaymentsToWorkOn();
  readonly payable: PayablePayments;
  readonly workItems = new WorkItems();
  readonly holds = new Holds();
  readonly outcomes = new OutcomesRepository(this.moves);
  readonly funds: FundsOfPayments;
  readonly dispatcher: PaymentDispatcher;
  readonly queue: DispatchQueue;
  readonly step: WorkStep;
  readonly drain: DrainWorkItemsJob;
  readonly completed: OnPaymentCompletedHandler;
  readonly cancellations: CancellationService;

  private constructor(
    private readonly testing: TestDatabase,
    /** Of the app. */
    readonly database: Database,
    readonly superuser: Client,
    { backlogMax, maxBaseFee = PROMISED_BASE_FEE }: CoreWorldOptions,
  ) {
    this.funds = new FundsOfPayments(new FundReservations(), maxBaseFee);
    this.payable = new PayablePayments(backlogMax);
    this.unit = new UnitOfWork(database);
    const outbox = new Outbox();
    this.dispatcher = new PaymentDispatcher(
      new DispatchRepository(this.moves),
      outbox,
      new OrganizationsRepository(),
      new TenantsRepository(),
      silentLogger,
    );
    const { unit, dispatcher, payments, payable, moves, disbursements, funds, outcomes, holds, workItems } =
      this;
    this.queue = new DispatchQueue({ unit, dispatcher, payable, logger: silentLogger });
    this.step = new WorkStep(
      workItems,
      disbursements,
      payments,
      moves,
      new ReceiverWalletMoves(),
      outbox,
      holds,
    );
    this.drain = new DrainWorkItemsJob(unit, workItems, this.step, this.queue, silentLogger);
    const disputes = new MetricsRegistry().counter<never>({ name: 'disputes_total', help: 'disputes' });
    this.cancellations = new CancellationService(outcomes, moves, holds, funds, disbursements);
    this.completed = new OnPaymentCompletedHandler(
      outcomes,
      disbursements,
      funds,
      new DisputeService(outcomes, holds, { logger: silentLogger, disputes }),
      this.cancellations,
      this.queue,
      silentLogger,
    );
  }

  static async open(options: CoreWorldOptions = {}): Promise<CoreWorld> {
    const testing = await testDatabase();
    if (options.plans === true) await tellPlans(testing, 'disbursementCore');
    const superuser = new Client({ connectionString: testing.superuserUrl });
    await superuser.connect();
    const database = new Database({
      url: testing.url('disbursementCore'),
      applicationName: 'test',
      connectionsMax: 6,
    });
    return new CoreWorld(testing, database, superuser, options);
  }

  /** Consumes as the app does, with one try per event. What was published before is fetched together. */
  async consumeUntil(handler: EventHandler, isDone: () => Promise<void>): Promise<void> {
    const runtime = new EventRuntime({
      database: this.database,
      group: 'disbursement-core',
      broker: { type: 'POSTGRES' },
      logger: silentLogger,
      metrics: new MetricsRegistry(),
      retryPolicy: { triesMax: 1, firstDelayMs: 1, delayMaxMs: 1 },
    });
    runtime.addHandler(handler);
    await runtime.start();
    try {
      await isDone();
    } finally {
      await runtime.stop();
    }
  }

  async close(): Promise<void> {
    await this.queue.stop();
    await this.database.close();
    await this.superuser.end();
    await this.testing.drop();
  }

  async run<T>(tenantId: string, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await this.unit.run({ tenantId, actor: 'system:test', trace: '' }, work);
  }

  /** A disbursement that was just started: its payments are DRAFT, its work item says release, its funds are reserved. */
  async givenStarted(people: readonly GivenPerson[]): Promise<Given> {
    const tenantId = newId();
    const [assetId, walletId, disbursementId] = [newId(), newId(), newId()];
    const sum = people.reduce((total, person) => total + person.amount, 0n);
    const sql = (text: string, values: unknown[]): Promise<unknown> => this.superuser.query(text, values);
    await sql(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
       VALUES ($1, $2, 'http://pay.test', 'http://staff.test', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $3)`,
      [
        tenantId,
        `t-${[...tenantId.slice(-12)].map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)] ?? 'x').join('')}`,
        ACCOUNT,
      ],
    );
    await sql(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, 'Aid')`, [tenantId]);
    await sql(`INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'USDC', $3)`, [
      tenantId,
      assetId,
      ISSUER,
    ]);
    await sql(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema) VALUES ($1, $2, 'Demo', 'http://w.test', 'w://')`,
      [tenantId, walletId],
    );
    await sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
              verification_field, goal_version, count_draft, amount_draft, promised_base_fee)
       VALUES ($1, $2, 'May', $3, $4, 'STARTED', 'PHONE_NUMBER', 'PIN', 1, $5, $6, $7)`,
      [tenantId, disbursementId, assetId, walletId, people.length, sum, PROMISED_BASE_FEE],
    );
    await sql(
      `INSERT INTO disbursements.work_items (tenant_id, disbursement_id, goal, version) VALUES ($1, $2, 'release', 1)`,
      [tenantId, disbursementId],
    );
    await this.reserve(sum, people.length);
    const payments: GivenPayment[] = [];
    for (const [index, person] of people.entries()) {
      payments.push(await this.givenPayment({ tenantId, assetId, walletId, disbursementId, index, person }));
    }
    return { tenantId, disbursementId, payments };
  }

  private async reserve(amount: bigint, payments: number): Promise<void> {
    for (const [code, issuer, reserved] of [
      ['USDC', ISSUER, amount],
      ['XLM', '', BigInt(2 * PROMISED_BASE_FEE * payments)],
    ]) {
      await this.superuser.query(
        `INSERT INTO disbursements.fund_reservations (account, asset_code, asset_issuer, reserved) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, asset_code, asset_issuer) DO UPDATE SET reserved = disbursements.fund_reservations.reserved + $4`,
        [ACCOUNT, code, issuer, reserved],
      );
    }
  }

  private async givenPayment(given: {
    readonly tenantId: string;
    readonly assetId: string;
    readonly walletId: string;
    readonly disbursementId: string;
    readonly index: number;
    readonly person: GivenPerson;
  }): Promise<GivenPayment> {
    const [receiverId, receiverWalletId, id] = [newId(), newId(), newId()];
    const { tenantId, person } = given;
    const address = person.registered ? addressOf(given.index) : null;
    await this.superuser.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, $3, 'x')`,
      [tenantId, receiverId, `+1415555${String(given.index).padStart(4, '0')}`],
    );
    await this.superuser.query(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        tenantId,
        receiverWalletId,
        receiverId,
        given.walletId,
        address === null ? 'DRAFT' : 'REGISTERED',
        address,
      ],
    );
    await this.superuser.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount)
       VALUES ($1, $2, 'DISBURSEMENT', $3, $4, $5, $6, $7)`,
      [tenantId, id, given.disbursementId, receiverId, receiverWalletId, given.assetId, person.amount],
    );
    return { id, receiverWalletId };
  }

  /** The column of a row, past every policy: what is really there. */
  async rows<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.superuser.query<Row>(sql, [...values])).rows;
  }

  /** Until a database transaction waits for one of the superuser, which has begun and is to be ended then. */
  async someoneWaitsForSuperuser(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const waiting = await this.rows(
        'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))',
      );
      if (waiting.length > 0) return;
      if (performance.now() > end) throw new Error('nobody waits');
      await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
    }
  }

  /** What the clock does for payments that no event told of. */
  async sweep(): Promise<void> {
    const { unit, payments, payable, queue } = this;
    await new DispatchSweepJob(unit, payments, payable, queue, silentLogger).run();
  }

  /** Waits until so many payments of the tenant are in this state. */
  async until(tenantId: string, status: string, count: number): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const [row] = await this.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM disbursements.payments WHERE tenant_id = $1 AND status = $2`,
        [tenantId, status],
      );
      if (row?.n === count) return;
      if (performance.now() > end)
        throw new Error(`${String(row?.n)} payments are ${status} instead of ${String(count)}`);
      await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
    }
  }

  /** In the order in which they were given, as ids of one millisecond have none; then what was added. */
  async statuses(given: Given): Promise<string[]> {
    const rows = await this.rows<{ status: string }>(
      `SELECT status FROM disbursements.payments WHERE tenant_id = $1 ORDER BY array_position($2::uuid[], id), id`,
      [given.tenantId, given.payments.map(({ id }) => id)],
    );
    return rows.map((row) => row.status);
  }

  /** The events of a topic that wait in the outbox, oldest first. */
  async published<C extends EventContract>(contract: C, tenantId: string): Promise<EventOf<C>[]> {
    const rows = await this.rows<{ value: Buffer }>(
      `SELECT value FROM eventing.outbox WHERE topic = $1 ORDER BY seq`,
      [contract.topic],
    );
    return rows
      .map((row) => JSON.parse(row.value.toString('utf8')) as EventOf<C>)
      .filter((event) => event.tenant_id === tenantId);
  }

  /** Counters and rows must tell the same story after everything. */
  async assertCountersTrue(given: Given): Promise<void> {
    const [sums] = await this.rows<{ wrong: string | null }>(
      `SELECT string_agg(s.status, ',') AS wrong
         FROM unnest(ARRAY['draft','ready','pending','paused','success','failed','canceled']) AS s (status),
              LATERAL (SELECT count(*) AS n, coalesce(sum(p.amount), 0) AS a FROM disbursements.payments p
                        WHERE p.disbursement_id = $1 AND p.status = upper(s.status)) real,
              LATERAL (SELECT (to_jsonb(d) ->> ('count_' || s.status))::bigint AS n, (to_jsonb(d) ->> ('amount_' || s.status))::numeric AS a
                         FROM disbursements.disbursements d WHERE d.id = $1) kept
        WHERE real.n <> kept.n OR real.a <> kept.a`,
      [given.disbursementId],
    );
    expect(sums?.wrong).toBeNull();
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const addressOf = (index: number): string =>
  `G${'C'.repeat(52)}${LETTERS[Math.floor(index / 676) % 26] ?? 'A'}${LETTERS[Math.floor(index / 26) % 26] ?? 'A'}${LETTERS[index % 26] ?? 'A'}`;
