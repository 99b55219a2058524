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

  it('have hardly more series after 2,000 payments than after the first hundreds', async () => {
    expect((await trial.pay(PEOPLE)).paid).toBe(PEOPLE);
    // Once more, since whoever comes back asks for some things that the first time did not.
    await trial.payAgain(PEOPLE, 1);
    // What is measured by being asked shows up in the second answer.
    await seriesOf(trial.system);
    const before = await seriesOf(trial.system);
    await trial.payAgain(PEOPLE, 18);
    const after = await seriesOf(trial.system);
    for (const [app, series] of before) {
      expect(series.length).toBeGreaterThan(20);
      const more = (after.get(app) ?? []).filter((one) => !series.includes(one));
      expect({ app, more: more.length < series.length * 0.05 ? [] : more }).toEqual({ app, more: [] });
    }
  }, 300_000);
});

/** Every series of ours by its name and labels, but for those of refused requests: which of them come is chance. */
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
    const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
    return [app, series.filter((one) => !/^(nodejs|process)_|status="4\d\d"/.test(one))];
  });
  return new Map(await Promise.all(all));
}
