import type { System } from '../system/start-system';
import { TrialSystem } from './trial-system';

const PEOPLE = 100;
const AGAIN = 18;
const AT_ONCE = 5;

/** A label with a payment's id in it would cost a series per payment, and one day the monitoring. */
describe('the metrics of the five apps', () => {
  let trial: TrialSystem;

  beforeAll(async () => {
    trial = await TrialSystem.start();
  }, 120_000);

  afterAll(async () => {
    await trial.stop();
  });

  it('have as many series after 2,000 payments as after the first hundreds', async () => {
    expect((await trial.pay(PEOPLE)).paid).toBe(PEOPLE);
    // Once more, since whoever comes back asks for some things that the first time did not.
    await trial.payOnly(PEOPLE);
    const before = await seriesOf(trial.system);
    for (let round = 0; round < AGAIN; round += AT_ONCE) {
      const runs = Math.min(AT_ONCE, AGAIN - round);
      await Promise.all(Array.from({ length: runs }, () => trial.payOnly(PEOPLE)));
    }
    const after = await seriesOf(trial.system);
    for (const [app, count] of before) {
      expect(count).toBeGreaterThan(20);
      expect({ app, series: (after.get(app) ?? 0) < count * 1.05 }).toEqual({ app, series: true });
    }
  }, 300_000);
});

async function seriesOf({ installation: { ports } }: System): Promise<Map<string, number>> {
  const apps: [string, number][] = [
    ['dashboard-api', ports.staffMetrics],
    ['recipient-api', ports.recipientMetrics],
    ['disbursement-core', ports.core],
    ['messaging', ports.messaging],
    ['transaction-submission', ports.submission],
  ];
  const counts = apps.map(async ([app, port]): Promise<[string, number]> => {
    const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
    return [app, text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length];
  });
  return new Map(await Promise.all(counts));
}
