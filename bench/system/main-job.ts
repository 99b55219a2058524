import { randomBytes } from 'node:crypto';

import { newId } from '@libs/kernel';
import { Keypair } from '@stellar/stellar-sdk';

import { InvariantFailedError, mustBe } from '../benchmark';
import type { PeopleFile } from '../people';
import { StaffSystem } from '../staff-system';
import { Child } from './child-process';
import { CleanUp } from './clean-up';
import { cpuMsOf, ownCpuMs } from './cpu-time';
import { checkInvariants } from './invariants';
import { makePayees } from './payees';
import { residentBytesOf } from './resident-memory';
import { PASSPHRASE, SandboxNetwork, UNLIMITED } from './sandbox-network';

export interface MainJobOptions {
  /** Ledger transactions that can be on their way at once; 0 leaves transaction-submission out, and nobody is paid. */
  readonly channels: number;
  readonly tell: (line: string) => void;
  readonly profileFolder: string | null;
}

const CORE = 'apps/disbursement-core/src/main.js';
const SUBMISSION = 'apps/transaction-submission/src/main.js';
const HOST_BALANCE = '100000000';
const READY_PATIENCE_MS = 90_000;
/** Each look takes a millisecond of the processors that are measured. */
const LOOK_EVERY_MS = 50;
/** Longer than what any envelope may wait for its ledger. */
const PATIENCE_MS = 150_000;
const PEOPLE_PER_STATEMENT = 50_000;

/** Processes whose work is counted. */
export const WORKERS = ['dashboardApi', 'core', 'submission', 'postgres', 'sandbox', 'bench'] as const;
export type CpuMs = Readonly<Record<(typeof WORKERS)[number], number>>;

/** The staff API, disbursement-core, transaction-submission, PostgreSQL and the sandbox network, each a process of its own. */
export class MainJobSystem {
  private constructor(
    readonly staff: StaffSystem,
    readonly network: SandboxNetwork,
    /** The address of the account that pays. */
    readonly payer: string,
    private readonly core: Child,
    private readonly submission: Child | null,
    private readonly cleanUp: CleanUp,
  ) {}

  static async start({ channels, tell, profileFolder }: MainJobOptions): Promise<MainJobSystem> {
    tell('starting PostgreSQL, the sandbox network and the apps');
    const cleanUp = new CleanUp();
    try {
      const network = await SandboxNetwork.start(profileFolder);
      cleanUp.add(() => network.stop());
      const host = Keypair.random();
      await network.createAccounts([host.publicKey()], HOST_BALANCE);
      const ledger = { horizonUrl: network.url, passphrase: PASSPHRASE, account: host.publicKey() };
      const staff = await StaffSystem.start(profileFolder, ledger);
      cleanUp.add(() => staff.stop());
      const core = Child.spawn({
        name: 'disbursement-core',
        script: CORE,
        environment: { DATABASE_URL: staff.postgres.urlOf('disbursementCore'), CORE_PORT: '0' },
        profileFolder,
      });
      cleanUp.add(() => core.stop());
      await core.said(({ message }) => (message === 'disbursement-core works' ? true : undefined));
      const submission =
        channels === 0 ? null : await startSubmission({ staff, network, host, channels, profileFolder });
      if (submission !== null) cleanUp.add(() => submission.stop());
      return new MainJobSystem(staff, network, host.publicKey(), core, submission, cleanUp);
    } catch (error) {
      await cleanUp.run();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.cleanUp.run();
  }

  cpuMs(): CpuMs {
    return {
      dashboardApi: cpuMsOf(this.staff.appPid),
      core: cpuMsOf(this.core.pid),
      submission: this.submission === null ? 0 : cpuMsOf(this.submission.pid),
      postgres: this.staff.postgresCpuMs(),
      sandbox: this.network.cpuMs(),
      bench: ownCpuMs(),
    };
  }

  /** Of the apps together. */
  residentBytes(): number {
    const pids = [
      this.staff.appPid,
      this.core.pid,
      ...(this.submission === null ? [] : [this.submission.pid]),
    ];
    return pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
  }

  /** The people of a file as earlier disbursements left them: with a registered wallet, whose account exists. */
  async register(file: PeopleFile): Promise<ReadonlyMap<string, bigint>> {
    const payments = paymentsOf(file);
    const addresses = makePayees(payments.length).map(({ destination }) => destination);
    await this.network.setPace(UNLIMITED);
    await this.network.createAccounts(addresses);
    const { tenantId, walletId } = this.staff.organisation;
    for (let from = 0; from < payments.length; from += PEOPLE_PER_STATEMENT) {
      const some = payments.slice(from, from + PEOPLE_PER_STATEMENT);
      await this.staff.sql.query(
        `WITH people AS MATERIALIZED (
           SELECT uuidv7() AS id, phone, address FROM unnest($3::text[], $4::text[]) AS p (phone, address)),
         added AS (
           INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) SELECT $1, id, phone, 'P' FROM people)
         INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
         SELECT $1, uuidv7(), id, $2, 'REGISTERED', address FROM people`,
        [
          tenantId,
          walletId,
          some.map(({ phone }) => phone),
          addresses.slice(from, from + PEOPLE_PER_STATEMENT),
        ],
      );
    }
    await this.staff.sql.query('ANALYZE receivers.receivers, receivers.receiver_wallets');
    return new Map(payments.map(({ amount }, index) => [addresses[index] ?? '', amount]));
  }

  /** Uploads a file into a new disbursement and waits until it is published. Returns its id. */
  async publish(file: PeopleFile): Promise<string> {
    const id = await this.staff.createDisbursement();
    await this.staff.upload(id, file.content);
    await this.until(id, 'the file is published', `status = 'READY' AND count_draft = ${String(file.rows)}`);
    return id;
  }

  /** Until the disbursement's row fits; throws when none of its counters moves for long. */
  async until(id: string, what: string, condition: string): Promise<void> {
    let [seen, since] = ['', performance.now()];
    for (;;) {
      const row = await this.staff.postgres.one(
        `SELECT (${condition}) AS done, concat_ws(' ', status, count_draft, count_ready, count_pending, count_success, count_failed) AS seen
           FROM disbursements.disbursements WHERE id = $1`,
        [id],
      );
      if (String(row['done']) === 'true') return;
      if (row['seen'] !== seen) [seen, since] = [row['seen'] ?? '', performance.now()];
      else if (performance.now() - since > PATIENCE_MS)
        throw new InvariantFailedError(`${what}: it stands at ${seen}; ${await this.whatWaits()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** For whoever has to find out why nothing goes on. */
  private async whatWaits(): Promise<string> {
    const row = await this.staff.postgres.one(
      `SELECT (SELECT json_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM submissions.submissions GROUP BY 1) s)::text AS submissions,
              (SELECT json_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM submissions.attempts GROUP BY 1) s)::text AS attempts,
              (SELECT json_agg(DISTINCT reason) FROM submissions.holds)::text AS holds,
              (SELECT count(*) FROM eventing.outbox)::text AS outbox,
              (SELECT count(*) FROM eventing.retry)::text AS retries,
              (SELECT json_agg(l) FROM (SELECT * FROM eventing.dead_letters LIMIT 1) l)::text AS letters`,
    );
    return JSON.stringify(row).slice(0, 2_000);
  }

  /**
   * Every person once and with the right amount by what the ledger shows; counters and promised funds as they must be. `others`:
   * how many of them are not of this disbursement.
   */
  async checkPaid(
    disbursementId: string,
    owed: ReadonlyMap<string, bigint>,
    {
      afterLedger,
      balance,
      others = 0,
    }: { readonly afterLedger: number; readonly balance: bigint; readonly others?: number },
  ): Promise<void> {
    const { payments, fees } = await this.network.paidBy(this.payer, afterLedger);
    mustBe('payments on the ledger', payments.length, owed.size);
    const left = new Map(owed);
    let total = 0n;
    for (const { to, amount } of payments) {
      mustBe(`payment to ${to}`, amount, left.get(to));
      left.delete(to);
      total += amount;
    }
    mustBe('people who were not paid', left.size, 0);
    mustBe('balance of the paying account', await this.network.balanceOf(this.payer), balance - total - fees);
    const row = await this.staff.postgres.one(
      `SELECT status, count_success, amount_success, open FROM disbursements.disbursements WHERE id = $1`,
      [disbursementId],
    );
    mustBe('status', row['status'], 'COMPLETED');
    mustBe('counter of payments', Number(row['count_success']), owed.size - others);
    if (others === 0) mustBe('counter of amounts', BigInt(row['amount_success'] ?? 0), total);
    const funds = await this.staff.postgres.one(
      `SELECT count(*) FILTER (WHERE reserved <> released) AS open FROM disbursements.fund_reservations`,
    );
    mustBe('promised funds that are not free', Number(funds['open']), 0);
    await checkInvariants(this.staff.postgres);
  }
}

/** The phone number and the amount of each row. */
function paymentsOf(file: PeopleFile): readonly { readonly phone: string; readonly amount: bigint }[] {
  return file.content
    .split('\n')
    .slice(1, file.rows + 1)
    .map((line) => {
      const [phone = '', , amount = ''] = line.split(',');
      return { phone, amount: BigInt(amount.replace('.', '')) };
    });
}

async function startSubmission(parts: {
  readonly staff: StaffSystem;
  readonly network: SandboxNetwork;
  readonly host: Keypair;
  readonly channels: number;
  readonly profileFolder: string | null;
}): Promise<Child> {
  const child = Child.spawn({
    name: 'transaction-submission',
    script: SUBMISSION,
    profileFolder: parts.profileFolder,
    environment: {
      DATABASE_URL: parts.staff.postgres.urlOf('transactionSubmission'),
      NETWORK_PASSPHRASE: PASSPHRASE,
      HORIZON_URL: parts.network.url,
      TSS_METRICS_PORT: '0',
      DISTRIBUTION_SEED: parts.host.secret(),
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      NUM_CHANNEL_ACCOUNTS: String(parts.channels),
      PAYMENTS_PER_ENVELOPE: '100',
    },
  });
  const port = await child.said(({ message, port: said }) =>
    message === 'transaction-submission has started' && typeof said === 'number' ? said : undefined,
  );
  for (const until = performance.now() + READY_PATIENCE_MS; ;) {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/ready`);
    if (answer.ok) return child;
    if (performance.now() > until) {
      await child.stop();
      throw new Error(`transaction-submission is not ready: ${await answer.text()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Payments of another disbursement that wait for their people: as many rows as a large organisation has in progress. */
export async function addWaiting({ staff }: MainJobSystem, payments: number): Promise<void> {
  const { tenantId, assetId, walletId } = staff.organisation;
  const disbursementId = newId();
  await staff.sql.query(`SET session_replication_role = replica`);
  await staff.sql.query(
    `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
       verification_field, goal_version, count_ready, amount_ready)
     VALUES ($1, $2, 'In progress', $3, $4, 'STARTED', 'PHONE_NUMBER', 'PIN', 1, $5::int, $5::int * 10000000::bigint)`,
    [tenantId, disbursementId, assetId, walletId, payments],
  );
  await staff.sql.query(
    `WITH people AS MATERIALIZED (
       SELECT n, uuidv7() AS id, uuidv7() AS wallet FROM generate_series(1, $5::int) AS n),
     receivers AS (
       INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
       SELECT $1, id, '+' || (254900000000 + n), 'P' FROM people),
     wallets AS (
       INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
       SELECT $1, wallet, id, $4, 'READY' FROM people)
     INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
     SELECT $1, uuidv7(), 'DISBURSEMENT', $2, id, wallet, $3, 10000000, 'READY' FROM people`,
    [tenantId, disbursementId, assetId, walletId, payments],
  );
  await staff.sql.query(`SET session_replication_role = origin`);
  await staff.sql.query('VACUUM (ANALYZE)');
  await staff.sql.query('CHECKPOINT');
}
