import type { DemoResult } from '../demo/demo-run';
import { localUrl } from '../system/installation';
import { NetworkFaults } from './network-faults';
import { TrialSystem } from './trial-system';
import { until } from './until';

const PEOPLE = 100;
const FEW_PEOPLE = 20;

/** Whatever dies in the middle of the main job: everybody is paid, nobody twice. */
describe('the main job', () => {
  let trial: TrialSystem;

  beforeAll(async () => {
    trial = await TrialSystem.start();
  }, 240_000);

  afterAll(async () => {
    await trial.stop();
  });

  // What goes wrong is told in the logs, and no person's data, code or key with it.
  afterEach(async () => {
    expect(await trial.leaks()).toEqual([]);
  });

  it('pays each of a hundred people once', async () => {
    expect(await trial.pay(PEOPLE)).toMatchObject(everybodyOnce(PEOPLE));
  }, 240_000);

  // Each dies where it has most to lose: half-way through its own part of the job.
  it.each([
    ['recipient-api', 'registered'],
    ['messaging', 'invited'],
    ['disbursement-core', 'registered'],
    ['transaction-submission', 'confirmed'],
    ['dashboard-api', 'registered'],
    ['stellar-sandbox', 'confirmed'],
    ['postgres', 'paid'],
  ] as const)(
    'pays each once although %s is killed when half of them are %s',
    async (name, step) => {
      const result = await trial.pay(PEOPLE, {
        meanwhile: (counts) => trial.killWhen(name, () => counts()[step] >= PEOPLE / 2),
      });
      expect(result).toMatchObject(everybodyOnce(PEOPLE));
    },
    300_000,
  );

  it('pays each once although no code can be sent for a while', async () => {
    const failures = (): number => trial.logOf('messaging').split('a provider did not answer').length - 1;
    const before = failures();
    const outbox = 'messages.dry_run_outbox';
    await trial.asOwner(
      `ALTER TABLE ${outbox} ADD CONSTRAINT no_codes CHECK (kind <> 'one_time_code') NOT VALID`,
    );
    const result = await trial.pay(FEW_PEOPLE, {
      meanwhile: async () => {
        await until(() => failures() >= before + FEW_PEOPLE / 2);
        await trial.asOwner(`ALTER TABLE ${outbox} DROP CONSTRAINT no_codes`);
      },
    });
    expect(result).toMatchObject(everybodyOnce(FEW_PEOPLE));
  }, 300_000);

  it('pays each once although the ledger answers 504 to some and includes others late', async () => {
    const { installation } = trial.system;
    await trial.putPerEnvelope(1);
    const faults = new NetworkFaults(localUrl(installation.ports.sandbox));
    // What transaction-submission sends, and nothing that people or the demo's issuer send.
    const payments = { path: '/transactions_async', account: await trial.distributionAccount() };
    await faults.add({
      ...payments,
      action: { kind: 'respond', when: 'accepted', status: 504, hash: false },
      probability: 0.05,
      seed: 5,
    });
    await faults.add({
      ...payments,
      action: { kind: 'late_inclusion', ledgers: 4 },
      probability: 0.1,
      seed: 7,
    });
    const result = await trial.pay(PEOPLE);
    const [unanswered, late] = await faults.hits();
    // Each payment is sent in an envelope of its own, so that there were at least so many draws.
    expect(unanswered).toBeGreaterThanOrEqual(PEOPLE * 0.05);
    expect(late).toBeGreaterThanOrEqual(PEOPLE * 0.1);
    await faults.clear();
    expect(result).toMatchObject(everybodyOnce(PEOPLE));
  }, 300_000);
});

const everybodyOnce = (people: number): Partial<DemoResult> => ({
  people,
  invited: people,
  registered: people,
  paid: people,
  confirmedOnLedger: people,
  doublePaid: 0,
  wrongAmount: 0,
  sumsEqual: true,
  status: 'COMPLETED',
  failures: [],
  passed: true,
});
