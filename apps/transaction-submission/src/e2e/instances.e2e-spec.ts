import { Client } from 'pg';

import { InstancesScene } from '../testing/instances-scene';
import type { SubmissionProcess } from '../testing/submission-process';

const CHANNELS = 10;
const EXPIRY_SECONDS = 2;
const PAYMENTS = 200;

describe('instances of transaction-submission', () => {
  let scene: InstancesScene;
  beforeAll(async () => {
    scene = await InstancesScene.open({
      NUM_CHANNEL_ACCOUNTS: String(CHANNELS),
      INSTANCE_EXPIRY_SECONDS: String(EXPIRY_SECONDS),
    });
  }, 120_000);
  afterAll(async () => {
    await scene.close();
  });

  const ownedBy = async (process: SubmissionProcess): Promise<number> =>
    (await scene.owners()).get(process.instanceId)?.owned ?? 0;
  const paid = async (): Promise<number> => (await scene.world.statuses())['SUCCESS'] ?? 0;

  it('share channel accounts and work, and pay everybody once', async () => {
    const payees = await scene.payees(PAYMENTS);
    const [one, other] = [await scene.start(), await scene.start()];
    await scene.until('half of the channel accounts for each', async () => {
      const counts = [await ownedBy(one), await ownedBy(other)];
      return counts.every((count) => count === CHANNELS / 2);
    });
    await scene.world.dispatch(payees);
    await scene.until('everybody is paid', async () => (await paid()) === PAYMENTS);
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => amount));
    const signed = [await signedBy(one), await signedBy(other)];
    expect(Math.min(...signed)).toBeGreaterThan(PAYMENTS / 10);
    expect((signed[0] ?? 0) + (signed[1] ?? 0)).toBeGreaterThanOrEqual(PAYMENTS);
    one.signal('SIGTERM');
    expect(await one.ended()).toBe(0);
    await scene.until('what one gave back is taken by the other', async () => {
      return (await ownedBy(other)) === CHANNELS;
    });
    other.signal('SIGTERM');
    expect(await other.ended()).toBe(0);
  }, 600_000);

  it('write nothing any more when they were frozen for longer than they may be, and end', async () => {
    const before = await paid();
    const payees = await scene.payees(PAYMENTS);
    const [frozen, other] = [await scene.start(), await scene.start()];
    await scene.until('both have channel accounts', async () => {
      return (await ownedBy(frozen)) > 0 && (await ownedBy(other)) > 0;
    });
    await scene.world.dispatch(payees);
    await scene.until('the one that is to freeze is in the middle of it', async () => {
      return ((await scene.owners()).get(frozen.instanceId)?.busy ?? 0) > 1;
    });
    frozen.signal('SIGSTOP');
    const since = performance.now();
    await scene.until('everybody is paid', async () => (await paid()) === before + PAYMENTS);
    await scene.until('the other has all channel accounts', async () => (await ownedBy(other)) === CHANNELS);
    // Three times as long as it may be silent.
    const left = EXPIRY_SECONDS * 3_000 - (performance.now() - since);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
    const written = await everythingWritten(scene, frozen);
    frozen.signal('SIGCONT');
    expect(await frozen.ended()).toBe(1);
    expect(await everythingWritten(scene, frozen)).toEqual(written);
    expect(await scene.received(payees)).toEqual(payees.map(({ amount }) => amount));
    expect(await ownedBy(other)).toBe(CHANNELS);
  }, 600_000);
});

async function signedBy(process: SubmissionProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${String(process.port)}/metrics`)).text();
  return Number(/^tss_payment_processing_started (\d+)/m.exec(text)?.[1] ?? 0);
}

/** A digest of every row about payments that an instance could write, and of its own heartbeat. */
async function everythingWritten(
  scene: InstancesScene,
  process: SubmissionProcess,
): Promise<Record<string, string>> {
  const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
  await client.connect();
  const digests: Record<string, string> = {};
  for (const table of ['submissions', 'attempts', 'envelopes', 'attempt_submissions', 'channel_accounts']) {
    const { rows } = await client.query<{ digest: string }>(
      `SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM submissions.${table} AS t`,
    );
    digests[table] = rows[0]?.digest ?? '';
  }
  const { rows } = await client.query<{ own: string }>(
    'SELECT i::text AS own FROM submissions.instances AS i WHERE id = $1',
    [process.instanceId],
  );
  digests['own'] = rows[0]?.own ?? '';
  await client.end();
  return digests;
}
