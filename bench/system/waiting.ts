import { InvariantFailedError } from '../benchmark';
import type { PaymentSystem } from './payment-system';

const PATIENCE_MS = 150_000;

/** Until all payments have arrived at transaction-submission. */
export async function queued({ database }: PaymentSystem, n: number): Promise<void> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    const { count } = await database.one('SELECT count(*) FROM submissions.submissions');
    if (Number(count) >= n) return;
    await pause(200);
  }
  throw new InvariantFailedError('not every payment has arrived at transaction-submission');
}

export async function ledgersPass({ network }: PaymentSystem, count: number): Promise<void> {
  const end = (await network.latestLedger()) + count;
  while ((await network.latestLedger()) < end) await pause(100);
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
