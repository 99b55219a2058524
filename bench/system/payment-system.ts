import { randomBytes } from 'node:crypto';

import { newId } from '@libs/kernel';
import { Keypair } from '@stellar/stellar-sdk';

import { BenchDatabase } from './bench-database';
import { Child } from './child-process';
import { CleanUp } from './clean-up';
import { cpuMsOf } from './cpu-time';
import { Dispatcher } from './dispatcher';
import { PASSPHRASE, SandboxNetwork } from './sandbox-network';

export interface PaymentSystemOptions {
  /** How many ledger transactions can be on their way at once, for ours and for the naive submission. */
  readonly channels: number;
  readonly tell: (line: string) => void;
  /** Where the processes write CPU profiles when they end; null for none. */
  readonly profileFolder: string | null;
}

interface PaymentSystemParts {
  readonly database: BenchDatabase;
  readonly network: SandboxNetwork;
  readonly dispatcher: Dispatcher;
  /** The account that pays. */
  readonly host: Keypair;
  readonly cleanUp: CleanUp;
}

const SUBMISSION = 'apps/transaction-submission/src/main.js';
const HOST_BALANCE = '100000000';
const READY_PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** PostgreSQL, the sandbox network and transaction-submission as processes of their own, as in production. */
export class PaymentSystem {
  private submission: Child | null = null;
  private readonly environment: Readonly<Record<string, string>>;

  private constructor(
    private readonly options: PaymentSystemOptions,
    private readonly parts: PaymentSystemParts,
  ) {
    const { database, network, host } = parts;
    this.environment = {
      DATABASE_URL: database.urlOf('transactionSubmission'),
      NETWORK_PASSPHRASE: PASSPHRASE,
      HORIZON_URL: network.url,
      TSS_METRICS_PORT: '0',
      DISTRIBUTION_SEED: host.secret(),
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      NUM_CHANNEL_ACCOUNTS: String(options.channels),
      PAYMENTS_PER_ENVELOPE: '100',
    };
  }

  static async start(options: PaymentSystemOptions): Promise<PaymentSystem> {
    options.tell('starting PostgreSQL, the sandbox network and transaction-submission');
    const cleanUp = new CleanUp();
    try {
      const database = await BenchDatabase.start();
      cleanUp.add(() => database.stop());
      const network = await SandboxNetwork.start(options.profileFolder);
      cleanUp.add(() => network.stop());
      const host = Keypair.random();
      await network.createAccounts([host.publicKey()], HOST_BALANCE);
      const dispatcher = await Dispatcher.start(database.urlOf('disbursementCore'));
      cleanUp.add(() => dispatcher.stop());
      const system = new PaymentSystem(options, { database, network, dispatcher, host, cleanUp });
      cleanUp.add(async () => system.submission?.stop());
      await system.startSubmission();
      return system;
    } catch (error) {
      await cleanUp.run();
      throw error;
    }
  }

  get database(): BenchDatabase {
    return this.parts.database;
  }

  get network(): SandboxNetwork {
    return this.parts.network;
  }

  get dispatcher(): Dispatcher {
    return this.parts.dispatcher;
  }

  /** The address of the account that pays. */
  get payer(): string {
    return this.parts.host.publicKey();
  }

  get channels(): number {
    return this.options.channels;
  }

  get profileFolder(): string | null {
    return this.options.profileFolder;
  }

  /** An organisation that the host account pays for. */
  async addTenant(name: string): Promise<string> {
    const id = newId();
    await this.database.sql.query(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
       VALUES ($1, $2, 'http://pay.example', 'http://staff.example', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $3)`,
      [id, name, this.payer],
    );
    await this.database.sql.query(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, $2)`, [
      id,
      name,
    ]);
    return id;
  }

  /** Returns when it can pay. */
  async startSubmission(): Promise<void> {
    const port = await this.spawnSubmission();
    const until = performance.now() + READY_PATIENCE_MS;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${String(port)}/ready`);
      if (answer.ok) return;
      if (performance.now() > until)
        throw new Error(`transaction-submission is not ready: ${await answer.text()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Returns as soon as it serves, with the port of its /ready. */
  async spawnSubmission(): Promise<number> {
    const child = Child.spawn({
      name: 'transaction-submission',
      script: SUBMISSION,
      environment: this.environment,
      profileFolder: this.options.profileFolder,
    });
    this.submission = child;
    return await child.said(({ message, port }) =>
      message === 'transaction-submission has started' && typeof port === 'number' ? port : undefined,
    );
  }

  /** Ends transaction-submission at once, as a power cut does. */
  async killSubmission(): Promise<void> {
    await this.submission?.kill();
  }

  submissionCpuMs(): number {
    return this.submission === null ? Number.NaN : cpuMsOf(this.submission.pid);
  }

  async stop(): Promise<void> {
    await this.parts.cleanUp.run();
  }
}
