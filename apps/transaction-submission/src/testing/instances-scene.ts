import { seedTextOf } from '@libs/ledger';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { newLedgerKey, StellarSubmitter } from '@libs/ledger-stellar/submitter';

import { type Sandbox, startSandbox } from '../../../stellar-sandbox/src/sandbox';
import { EngineWorld, payee, type Payee } from './engine-world';
import { buildApps, spawnSubmission, type SubmissionProcess } from './submission-process';

const FUNDED = 100_000_000_000n;
const FUNDED_AT_ONCE = 50;

/** Real processes of transaction-submission on one database, and a sandbox network that closes its ledgers by itself. */
export class InstancesScene {
  private readonly processes: SubmissionProcess[] = [];

  private constructor(
    readonly sandbox: Sandbox,
    readonly reader: StellarReader,
    readonly world: EngineWorld,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async open(environment: Readonly<Record<string, string>> = {}): Promise<InstancesScene> {
    buildApps();
    const sandbox = await startSandbox({ closeMs: 300, streamTickMs: 50 });
    const ledger = { horizonUrls: [sandbox.url], networkPassphrase: sandbox.passphrase };
    const [reader, submitter] = [new StellarReader(ledger), new StellarSubmitter(ledger)];
    const host = newLedgerKey();
    const world = await EngineWorld.open({ reader, submitter }, host);
    const scene = new InstancesScene(sandbox, reader, world, {
      DATABASE_URL: world.testDb.url('transactionSubmission'),
      NETWORK_PASSPHRASE: sandbox.passphrase,
      HORIZON_URL: sandbox.url,
      DISTRIBUTION_SEED: seedTextOf(host.seed),
      KEY_ENCRYPTION_KEY: Buffer.from(world.encryptionKey).toString('hex'),
      PAYMENTS_PER_ENVELOPE: '1',
      ...environment,
    });
    await scene.fund([host.address]);
    return scene;
  }

  async start(more: Readonly<Record<string, string>> = {}): Promise<SubmissionProcess> {
    const started = await spawnSubmission({ ...this.environment, ...more });
    this.processes.push(started);
    return started;
  }

  async close(): Promise<void> {
    for (const one of this.processes) {
      one.signal('SIGKILL');
      await one.ended();
    }
    await this.world.close();
    this.reader.close();
    await this.sandbox.close();
  }

  async fund(addresses: readonly string[]): Promise<void> {
    for (let start = 0; start < addresses.length; start += FUNDED_AT_ONCE) {
      const some = addresses.slice(start, start + FUNDED_AT_ONCE);
      const answers = await Promise.all(
        some.map((address) => fetch(`${this.sandbox.url}/friendbot?addr=${address}`)),
      );
      if (!answers.every((one) => one.ok)) throw new Error('friendbot did not fund an account');
    }
  }

  async payees(count: number): Promise<readonly Payee[]> {
    const payees = Array.from({ length: count }, () => payee());
    await this.fund(payees.map(({ destination }) => destination));
    return payees;
  }

  /** What each payee received beyond what friendbot gave. */
  async received(payees: readonly Payee[]): Promise<readonly bigint[]> {
    const accounts = await Promise.all(payees.map(({ destination }) => this.reader.account(destination)));
    return accounts.map((account) => (account?.balances[0]?.balance ?? 0n) - FUNDED);
  }

  /** Channel accounts by owner, with how many of them carry an attempt. */
  async owners(): Promise<ReadonlyMap<string, { readonly owned: number; readonly busy: number }>> {
    const rows = await this.world.uow.runSystem('who owns channel accounts', (tx) =>
      tx.query<{ owner: string; owned: bigint; busy: bigint }>(
        `SELECT owner, count(*) AS owned, count(live_attempt) AS busy FROM submissions.channel_accounts
          WHERE owner IS NOT NULL GROUP BY owner`,
      ),
    );
    return new Map(rows.map((row) => [row.owner, { owned: Number(row.owned), busy: Number(row.busy) }]));
  }

  /** Patient with a loaded machine, and with PostgreSQL, which waits 10 s for who froze in the middle of a database transaction. */
  async until(what: string, condition: () => Promise<boolean>, patienceMs = 150_000): Promise<void> {
    const since = performance.now();
    while (!(await condition())) {
      if (performance.now() - since > patienceMs) throw new Error(`it did not come to pass: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
