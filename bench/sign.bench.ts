import { formatAmount, XLM } from '@libs/kernel';
import { type AttemptInstructions, type LedgerKey, ownKeyOf } from '@libs/ledger';
import { newLedgerKey, SeedSigner, StellarSubmitter } from '@libs/ledger-stellar/submitter';
import { Keypair } from '@stellar/stellar-sdk';

import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { naiveSign } from './naive/sign';
import { makePayees } from './system/payees';
import { PASSPHRASE } from './system/sandbox-network';

const ROUNDS = 5;
const CHANNELS = 100;
/** As the engine does: the envelopes of one round are prepared together. */
const ENVELOPES_AT_ONCE = 20;
const SIZES = [1, 100] as const;
/** The naive way is slow, and its time per envelope does not depend on how many there are. */
const NAIVE_SHARE = 10;
const MAX_TIME = new Date('2030-01-01T00:00:00Z');
const FEE_RATE = 100n;

/**
 * Builds, signs and encodes envelopes of 1 and of 100 payments, beside the SDK's own signer. Both make the same bytes, or there is
 * no figure. Microseconds of CPU time, median of five rounds that take turns.
 */
export const signBenchmark: Benchmark = async ({ n, tell }): Promise<BenchmarkReport> => {
  const [distribution, ...channels] = Array.from({ length: CHANNELS + 1 }, newLedgerKey);
  if (distribution === undefined) throw new Error('there is a key');
  const submitter = new StellarSubmitter({
    horizonUrls: ['http://127.0.0.1:9'],
    networkPassphrase: PASSPHRASE,
    signer: new SeedSigner([distribution, ...channels]),
  });
  const metrics: Record<string, number> = {};
  for (const size of SIZES) {
    const instructions = instructionsOf(n, { size, distribution, channels });
    const naiveInstructions = instructions.slice(
      0,
      Math.max(1, Math.round(instructions.length / NAIVE_SHARE)),
    );
    const orders = naiveInstructions.map((one) => naiveOrder(one, distribution, channels));
    await checkSameBytes(submitter, naiveInstructions.slice(0, ENVELOPES_AT_ONCE), orders);
    const [ours, naive]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const mine = await cpuUsOf(async () => {
        for (let from = 0; from < instructions.length; from += ENVELOPES_AT_ONCE) {
          await submitter.prepare(instructions.slice(from, from + ENVELOPES_AT_ONCE));
        }
      });
      const theirs = await cpuUsOf(() => {
        for (const order of orders) naiveSign(order);
        return Promise.resolve();
      });
      // The first round compiles.
      if (round === 0) continue;
      ours.push(mine / (instructions.length * size));
      naive.push(theirs / (orders.length * size));
    }
    const [our, their] = [medianOf(ours), medianOf(naive)];
    tell(
      `${String(size)} per envelope: ${our.toPrecision(3)} µs per payment, the SDK ${their.toPrecision(3)} µs`,
    );
    metrics[`microsecondsAt${String(size)}`] = rounded(our);
    metrics[`naiveMicrosecondsAt${String(size)}`] = rounded(their);
    metrics[`timesFasterAt${String(size)}`] = rounded(their / our);
  }
  submitter.close();
  return {
    id: 'sign',
    n,
    metrics,
    targets: { timesFasterAt1: { atLeast: 4 }, microsecondsAt100: { atMost: 60 } },
    gates: { timesFasterAt1: { atLeast: 2 }, microsecondsAt100: { atMost: 120 } },
  };
};

function instructionsOf(
  n: number,
  { size, distribution, channels }: { size: number; distribution: LedgerKey; channels: readonly LedgerKey[] },
): readonly AttemptInstructions[] {
  const payees = makePayees(Math.max(n, size));
  return Array.from({ length: Math.floor(payees.length / size) }, (_, index) => ({
    channel: channels[index % channels.length]?.address ?? '',
    sequence: BigInt(index + 1),
    distribution: ownKeyOf(distribution.address),
    payments: payees
      .slice(index * size, (index + 1) * size)
      .map(({ destination, amount }) => ({ destination, amount, asset: XLM })),
    memo: null,
    maxTime: MAX_TIME,
    feeRate: FEE_RATE,
  }));
}

function naiveOrder(
  { channel, sequence, payments, maxTime }: AttemptInstructions,
  distribution: LedgerKey,
  channels: readonly LedgerKey[],
): Parameters<typeof naiveSign>[0] {
  const key = channels.find((one) => one.address === channel) ?? distribution;
  return {
    channel: Keypair.fromRawEd25519Seed(Buffer.from(key.seed)),
    sequence: String(sequence - 1n),
    distribution: Keypair.fromRawEd25519Seed(Buffer.from(distribution.seed)),
    payments: payments.map(({ destination, amount }) => ({ destination, amount: formatAmount(amount) })),
    maxTime: maxTime.getTime() / 1_000,
    passphrase: PASSPHRASE,
  };
}

async function checkSameBytes(
  submitter: StellarSubmitter,
  instructions: readonly AttemptInstructions[],
  orders: readonly Parameters<typeof naiveSign>[0][],
): Promise<void> {
  const prepared = await submitter.prepare(instructions);
  for (const [index, { payload }] of prepared.entries()) {
    const order = orders[index];
    mustBe('bytes of an envelope', payload, order === undefined ? '' : naiveSign(order));
  }
}

async function cpuUsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
