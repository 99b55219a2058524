import { payee, type Process } from './testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, runUntilDone } from './testing/run-engine';

const PROCESSED = 'tss_tx_processing_processed_count';

describe('the metrics of the engine', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 2 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  /** Every series with its value. */
  const read = async (process: Process): Promise<ReadonlyMap<string, number>> => {
    const lines = (await process.metrics.text()).split('\n').filter((line) => !line.startsWith('#'));
    return new Map(
      lines.map((line): [string, number] => {
        const [series = '', value] = line.split(/ (?=[^ ]*$)/);
        return [series, Number(value)];
      }),
    );
  };
  const inEnvelopesOfTen = (): Process => scene.world.process({ settings: { paymentsPerEnvelope: 10 } });

  it('are all there before anything has happened', async () => {
    const series = await read(inEnvelopesOfTen());
    const latency = 'tss_tx_processing_queued_to_completed_latency_seconds';
    expect({
      success: series.get('tss_outcomes_total{class="success"}'),
      ours: series.get('tss_outcomes_total{class="ours_to_fix"}'),
      fees: series.get('tss_fees_charged_stroops_total'),
      perPayment: series.get('tss_fee_per_payment_stroops_count'),
      latency: series.get(`${latency}_count{retried="false",result="success",error_type="none"}`),
      processed: series.get(`${PROCESSED}{retried="true",result="error",error_type="op_line_full"}`),
      sent: series.get('tss_attempts_on_the_way{status="SENT"}'),
      posting: series.get('tss_envelopes_in_process{state="posting"}'),
      age: series.get('tss_queue_age_seconds'),
      slowed: series.get('tss_tenants_slowed_down'),
    }).toEqual({
      success: 0,
      ours: 0,
      fees: 0,
      perPayment: 0,
      latency: 0,
      processed: 0,
      sent: 0,
      posting: 0,
      age: 0,
      slowed: 0,
    });
  });

  it('tell what became of each payment, at which fee, and how often it was tried', async () => {
    const { world, fake } = scene;
    await world.dispatch([...payeesOn(fake, 7), payee()]);
    const process = await runUntilDone(scene, { next: inEnvelopesOfTen });
    const series = await read(process);
    expect({
      success: series.get('tss_outcomes_total{class="success"}'),
      final: series.get('tss_outcomes_total{class="final_for_payment"}'),
      envelope: series.get('tss_outcomes_total{class="final_for_envelope"}'),
      fees: series.get('tss_fees_charged_stroops_total'),
      // The failed one is of eight direct payments, the other of seven: each is reported on its own.
      perPayment: series.get('tss_fee_per_payment_stroops_count'),
      retried: series.get(`${PROCESSED}{retried="true",result="success",error_type="none"}`),
      failed: series.get(`${PROCESSED}{retried="false",result="error",error_type="op_no_destination"}`),
      retries: series.get(
        'tss_tx_processing_retry_count_sum{retried="true",result="success",error_type="none"}',
      ),
    }).toEqual({
      success: 7,
      final: 1,
      envelope: 7,
      fees: 1_700,
      perPayment: 15,
      retried: 7,
      failed: 1,
      retries: 7,
    });
  });

  it('tell why a payment failed that was rejected before it was signed', async () => {
    const { world, fake } = scene;
    await world.dispatch([...payeesOn(fake, 1), payee()]);
    const process = await runUntilDone(scene, {
      next: () => world.process({ settings: { lookUpsPerSecond: 10 } }),
    });
    const series = await read(process);
    expect({
      before: series.get('tss_payments_rejected_before_signing_total'),
      failed: series.get(`${PROCESSED}{retried="false",result="error",error_type="op_no_destination"}`),
      paid: series.get(`${PROCESSED}{retried="false",result="success",error_type="none"}`),
    }).toEqual({ before: 1, failed: 1, paid: 1 });
  });

  it('tell since when the oldest payment of any tenant waits, and that a tenant is slowed down', async () => {
    const { world, fake } = scene;
    const other = await world.addTenant('other');
    await world.dispatch(payeesOn(fake, 1));
    await world.dispatch(payeesOn(fake, 1), { tenantId: other });
    await world.uow.run({ tenantId: other, actor: 'test', trace: '' }, (tx) =>
      tx.execute(
        `UPDATE submissions.submissions SET ready_at = now() - interval '90 seconds' WHERE tenant_id = $1`,
        [other],
      ),
    );
    const process = inEnvelopesOfTen();
    const age = (await read(process)).get('tss_queue_age_seconds') ?? 0;
    expect([age >= 90, age < 150]).toEqual([true, true]);
    fake.faults.set({ loseRequest: 1 });
    await runUntilDone(scene, { next: () => process, turns: 3 });
    const unknown = await read(process);
    expect(unknown.get('tss_attempts_on_the_way{status="LOST"}')).toBe(2);
    expect(unknown.get('tss_payment_reconciliation_successful')).toBe(0);
    fake.closeLedger(200);
    await runUntilDone(scene, { next: () => process, turns: 1 });
    const known = await read(process);
    expect(known.get('tss_tenants_slowed_down')).toBe(2);
    expect(known.get('tss_payment_reconciliation_successful')).toBe(2);
    expect(known.get('tss_payment_reconciliation_failure')).toBe(0);
  });
});
