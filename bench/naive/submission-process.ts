import { Asset, Horizon, Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk';
import { Pool } from 'pg';

/**
 * Submission as it is usually written, to measure ours against. It is fixed: it is not made faster or slower.
 *
 * Each second it takes as many payments as channel accounts are free; each is one ledger transaction, made as the SDK's
 * documentation shows it: the account is looked up, the payment built, signed by the channel account and by the paying account
 * with the SDK's signer, wrapped into a fee bump, signed again and posted, and the answer comes when the ledger has closed. What
 * must not be lost is written down by a statement per row, each in a database transaction of its own. All payments of a second are
 * under way at once, and the keys are in memory. The answer of a node that is silent is asked for by hash before anything else.
 */
interface Order {
  readonly databaseUrl: string;
  readonly horizonUrl: string;
  readonly passphrase: string;
  readonly distributionSeed: string;
  readonly channelSeeds: readonly string[];
}

interface Row {
  readonly id: string;
  readonly destination: string;
  readonly amount: string;
}

const POLL_MS = 1_000;
const CONNECTIONS = 20;
const LIFETIME_SECONDS = 300;
const BASE_FEE = '100';
const ASK_AGAIN_MS = 1_000;

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const pool = new Pool({ connectionString: order.databaseUrl, max: CONNECTIONS, application_name: 'naive submission' });
const server = new Horizon.Server(order.horizonUrl, { allowHttp: true });
const distribution = Keypair.fromSecret(order.distributionSeed);
let lastPaidAt = 0;
const free = order.channelSeeds.map((seed) => Keypair.fromSecret(seed));

async function main(): Promise<void> {
  const beganAt = performance.now();
  const cpuBefore = process.cpuUsage();
  for (;;) {
    const startedAt = performance.now();
    if ((await poll()) === 0 && free.length === order.channelSeeds.length) break;
    await pause(Math.max(0, POLL_MS - (performance.now() - startedAt)));
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  await pool.end();
  const result = { milliseconds: lastPaidAt - beganAt, cpuMs: (user + system) / 1_000 };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Starts what can be started, and returns how much there was. */
async function poll(): Promise<number> {
  const { rows } = await pool.query<Row>(
    `SELECT id, destination, amount FROM naive.submissions WHERE status = 'PENDING' AND locked_at IS NULL ORDER BY created_at LIMIT $1`,
    [free.length],
  );
  for (const row of rows) {
    const channel = free.shift();
    if (channel === undefined) break;
    void pay(row, channel)
      .catch(fail)
      .finally(() => free.push(channel));
    await pool.query(`UPDATE naive.submissions SET locked_at = now() WHERE id = $1`, [row.id]);
  }
  return rows.length;
}

async function pay(row: Row, channel: Keypair): Promise<void> {
  await pool.query(
    `UPDATE naive.submissions SET status = 'PROCESSING', channel_account = $2, attempts = attempts + 1, started_at = now(),
            status_history = status_history || jsonb_build_object('status', 'PROCESSING', 'at', now()) WHERE id = $1`,
    [row.id, channel.publicKey()],
  );
  const account = await server.loadAccount(channel.publicKey());
  const inner = new TransactionBuilder(account, { fee: BASE_FEE, networkPassphrase: order.passphrase })
    .addOperation(
      Operation.payment({
        source: distribution.publicKey(),
        destination: row.destination,
        asset: Asset.native(),
        amount: row.amount,
      }),
    )
    .setTimeout(LIFETIME_SECONDS)
    .build();
  inner.sign(channel, distribution);
  const outer = TransactionBuilder.buildFeeBumpTransaction(distribution, BASE_FEE, inner, order.passphrase);
  outer.sign(distribution);
  const hash = Buffer.from(outer.hash()).toString('hex');
  await pool.query(`UPDATE naive.submissions SET transaction_hash = $2, envelope = $3, sent_at = now() WHERE id = $1`, [
    row.id,
    hash,
    outer.toEnvelope().toXdr('base64'),
  ]);
  try {
    await server.submitTransaction(outer);
  } catch (error) {
    if (!(await isIncluded(hash))) throw error;
  }
  await pool.query(
    `UPDATE naive.submissions SET status = 'SUCCESS', completed_at = now(), locked_at = NULL,
            status_history = status_history || jsonb_build_object('status', 'SUCCESS', 'at', now()) WHERE id = $1`,
    [row.id],
  );
  await pool.query(`INSERT INTO naive.outcomes (id, submission_id, outcome) VALUES (gen_random_uuid(), $1, 'SUCCESS')`, [row.id]);
  lastPaidAt = performance.now();
}

/** After silence: the envelope is valid for some minutes yet, so it is waited for. */
async function isIncluded(hash: string): Promise<boolean> {
  for (let asked = 0; asked < LIFETIME_SECONDS; asked += 1) {
    const found = await server
      .transactions()
      .transaction(hash)
      .call()
      .catch(() => null);
    if (found !== null) return found.successful;
    await pause(ASK_AGAIN_MS);
  }
  return false;
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
