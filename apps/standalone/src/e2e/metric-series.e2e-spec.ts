import type { System } from '../system/start-system';
import { TrialSystem } from './trial-system';

const PEOPLE = 100;

/** A label with a payment's id in it would cost a series per payment, and one day the monitoring. */
describe('the metrics of the five apps', () => {
  let trial: TrialSystem;

  beforeAll(async () => {
    trial = await TrialSystem.start();
  }, 120_000);

  afterAll(async () => {
    await trial.stop();
  });

  it('have hardly more series after 2,000 payments than after 100', async () => {
    expect((await trial.pay(PEOPLE)).paid).toBe(PEOPLE);
    const before = await seriesOf(trial.system);
    // New people too, so that all that happens to a person happens again.
    expect((await trial.pay(3 * PEOPLE)).paid).toBe(3 * PEOPLE);
    await trial.payAgain(PEOPLE, 16);
    const after = await seriesOf(trial.system);
    for (const [app, series] of before) {
      const more = (after.get(app) ?? []).filter((one) => !series.includes(one));
      const gone = series.filter((one) => !(after.get(app) ?? []).includes(one));
      expect(series.length).toBeGreaterThan(50);
      const difference = more.length + gone.length;
      expect({ app, more: difference < series.length * 0.05 ? [] : { more, gone } }).toEqual({
        app,
        more: [],
      });
    }
  }, 300_000);
});

/** Every series of `/metrics` by its name and labels: of ours, of HTTP, of the process and of Node. */
async function seriesOf({ installation: { ports } }: System): Promise<Map<string, string[]>> {
  const apps: [string, number][] = [
    ['dashboard-api', ports.staffMetrics],
    ['recipient-api', ports.recipientMetrics],
    ['disbursement-core', ports.core],
    ['messaging', ports.messaging],
    ['transaction-submission', ports.submission],
  ];
  const all = apps.map(async ([app, port]): Promise<[string, string[]]> => {
    const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return [app, lines.map((line) => line.slice(0, line.lastIndexOf(' ')))];
  });
  return new Map(await Promise.all(all));
}
