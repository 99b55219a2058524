import { type DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld, UNIT } from '../testing/funds';
import { person } from '../testing/people';
import { TestServer } from '../testing/test-server';

/** The setting of the process that cancels: as `TestServer` starts it. */
const MAX_BASE_FEE = 10_000;

describe.each([
  ['higher', 2 * MAX_BASE_FEE],
  ['lower', MAX_BASE_FEE / 2],
])('payments whose fees another process promised at a %s MAX_BASE_FEE', (_, promisedBaseFee) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  /** By a process with the other setting, whose promises are for so many payments of 10 XLM. */
  async function promisedElsewhere<T>(own: DisbursementWorld, payments: number, work: () => Promise<T>) {
    const { settings } = server.platform;
    Object.assign(settings, { MAX_BASE_FEE: promisedBaseFee });
    const done = await work().finally(() => Object.assign(settings, { MAX_BASE_FEE }));
    expect(await own.promised()).toBe(BigInt(payments) * (10n * UNIT + 2n * BigInt(promisedBaseFee)));
    return done;
  }

  const cancel = async (own: DisbursementWorld, payments: readonly string[]): Promise<void> => {
    for (const id of payments)
      expect(await own.call('PATCH', `/payments/${id}/status`, { status: 'CANCELED' })).toMatchObject({
        status: 200,
      });
  };

  it('are cancelled after a start, paused and resumed or not, and nothing stays promised', async () => {
    const own = await fundedWorld(server);
    const { id, payments } = await promisedElsewhere(own, 2, () => own.started(2));
    await cancel(own, payments.slice(0, 1));
    for (const status of ['PAUSED', 'STARTED']) expect((await own.setStatus(id, status)).status).toBe(200);
    await cancel(own, payments.slice(1));
    expect(await own.promised()).toBe(0n);
  });

  it('are cancelled after a retry, and nothing stays promised', async () => {
    const own = await fundedWorld(server);
    const { payments } = await own.failed(2);
    await promisedElsewhere(own, 2, () => own.call('PATCH', '/payments/retry', { payment_ids: payments }));
    await cancel(own, payments);
    expect(await own.promised()).toBe(0n);
  });

  it('are cancelled when they are direct, and nothing stays promised', async () => {
    const own = await fundedWorld(server);
    const to = await person(own);
    const order = {
      amount: '10',
      asset: { id: own.assetId },
      receiver: { id: to.id },
      wallet: { id: own.walletId },
    };
    const reply = await promisedElsewhere(own, 1, () => own.call('POST', '/payments', order));
    await cancel(own, [idOf(reply)]);
    expect(await own.promised()).toBe(0n);
  });
});
