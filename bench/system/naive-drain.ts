import { formatAmount } from '@libs/kernel';
import { Keypair } from '@stellar/stellar-sdk';

import { mustBe } from '../benchmark';
import { NAIVE_SUBMISSION_SCHEMA } from '../naive/submission-schema';
import { Child } from './child-process';
import { checkPayments, fundedPayees, sumOf } from './drain';
import { totalOf } from './payees';
import type { PaymentSystem } from './payment-system';
import { type LedgerPace, PASSPHRASE, UNLIMITED } from './sandbox-network';

export interface NaiveDrained {
  readonly n: number;
  readonly milliseconds: number;
  readonly calls: number;
  readonly cpuMs: { readonly submission: number; readonly postgres: number };
}

const SCRIPT = 'bench/naive/submission-process.js';
const DISTRIBUTION_BALANCE = '10000000';

/** Where the full size would take the naive submission over a minute it gets a twentieth. */
const SHARE = 20;
const LONGEST_MS = 60_000;

/** How many payments the naive submission gets when ours gets `n` and it makes so many per second at most. */
export const naiveShareOf = (n: number, perSecondAtMost: number): number =>
  (n / perSecondAtMost) * 1_000 > LONGEST_MS ? Math.ceil(n / SHARE) : n;

/** The same work by the naive submission: same PostgreSQL, same network, as many channel accounts. It is checked alike. */
export async function naiveDrain(
  system: PaymentSystem,
  { n, pace }: { readonly n: number; readonly pace: LedgerPace },
): Promise<NaiveDrained> {
  const { network, database, channels: count, profileFolder } = system;
  const payees = await fundedPayees(system, n);
  const distribution = Keypair.random();
  const channels = Array.from({ length: count }, () => Keypair.random());
  await network.createAccounts([distribution.publicKey()], DISTRIBUTION_BALANCE);
  await network.createAccounts(channels.map((one) => one.publicKey()));
  await database.sql.query(NAIVE_SUBMISSION_SCHEMA);
  await database.sql.query(
    `INSERT INTO naive.submissions (id, destination, amount)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::numeric[])`,
    [
      payees.map((one) => one.paymentId),
      payees.map((one) => one.destination),
      payees.map((one) => formatAmount(one.amount)),
    ],
  );
  await database.sql.query('ANALYZE naive.submissions');
  await database.sql.query('CHECKPOINT');
  await network.setPace(pace);
  const ledger = await network.latestLedger();
  const balance = await network.balanceOf(distribution.publicKey());
  await network.forgetRequests();
  const postgresBefore = database.cpuMs();
  const order = {
    databaseUrl: database.superuserUrl,
    horizonUrl: network.url,
    passphrase: PASSPHRASE,
    distributionSeed: distribution.secret(),
    channelSeeds: channels.map((one) => one.secret()),
  };
  const child = Child.spawn({
    name: 'naive-submission',
    script: SCRIPT,
    args: [JSON.stringify(order)],
    profileFolder,
  });
  const { milliseconds, submission } = await child.said(({ milliseconds, cpuMs }) =>
    typeof milliseconds === 'number' && typeof cpuMs === 'number'
      ? { milliseconds, submission: cpuMs }
      : undefined,
  );
  await child.stop();
  const postgres = database.cpuMs() - postgresBefore;
  const calls = sumOf(await network.requests());
  await network.setPace(UNLIMITED);
  const { payments, fees } = await network.paidBy(distribution.publicKey(), ledger);
  checkPayments(payments, payees);
  mustBe(
    'balance of the naive paying account',
    await network.balanceOf(distribution.publicKey()),
    balance - totalOf(payees) - fees,
  );
  return { n, milliseconds, calls, cpuMs: { submission, postgres } };
}
