import { UploadSweep } from '../disbursements/upload-sweep.service';
import { DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { person } from '../testing/people';
import { TestServer } from '../testing/test-server';
import { phoneFile } from '../testing/upload-world';

const PEOPLE = 3;
const FROM = 6_100;

/** The external ids that a search goes through are kept apart from the payments, so that their statuses do not write them again. */
describe('the external id of a payment', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let id: string;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    own = await fundedWorld(server);
    id = await own.create();
    await uploadOf(FROM);
  });

  async function uploadOf(from: number): Promise<void> {
    const reply = await own.upload(
      id,
      phoneFile(PEOPLE, '10', from).replaceAll('PAY-', `Rent-${String(from)}-`),
    );
    expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  }

  async function kept(): Promise<unknown[]> {
    const rows = await server.sql(
      `SELECT external_text FROM disbursements.payment_texts WHERE tenant_id = $1 ORDER BY external_text`,
      [own.tenant.id],
    );
    return rows.map((row) => row['external_text']);
  }

  async function found(text: string): Promise<unknown[]> {
    const { body } = await own.call('GET', `/payments?q=${encodeURIComponent(text)}`);
    const { data } = body as { readonly data: readonly Readonly<Record<string, unknown>>[] };
    return data.map((payment) => payment['external_payment_id']).sort();
  }

  const names = (from: number): string[] =>
    Array.from({ length: PEOPLE }, (_, index) => `Rent-${String(from)}-${String(index)}`);
  const inLowerCase = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());

  it('is found by any part of it, whatever its case, as soon as the file is there and in each status', async () => {
    expect(await found('rENT-6100')).toEqual(names(FROM));
    expect(await found('ent-6100-1')).toEqual(['Rent-6100-1']);
    await own.movePayments(id, 'release');
    await own.movePayments(id, 'submit');
    expect(await found('ent-6100-1')).toEqual(['Rent-6100-1']);
    await own.movePayments(id, 'settle');
    expect(await found('rent-6100')).toEqual(names(FROM));
  });

  it('is not written again by the statuses of the payment', async () => {
    const versions = async (): Promise<unknown> =>
      await server.sql(
        `SELECT payment_id, xmin::text, ctid::text FROM disbursements.payment_texts WHERE tenant_id = $1 ORDER BY payment_id`,
        [own.tenant.id],
      );
    const before = await versions();
    expect(before).toHaveLength(PEOPLE);
    for (const move of ['release', 'submit', 'settle'] as const) await own.movePayments(id, move);
    expect(await versions()).toEqual(before);
    const indexes = await server.sql(
      `SELECT indexdef FROM pg_indexes WHERE schemaname = 'disbursements' AND tablename = 'payments' AND indexdef LIKE '%gin%'`,
    );
    expect(indexes).toEqual([]);
  });

  it('goes with the payment, when another file replaces the one that brought it and when the draft is deleted', async () => {
    expect(await kept()).toEqual(inLowerCase(names(FROM)));
    await uploadOf(FROM + PEOPLE);
    await server.app.get(UploadSweep).run();
    expect(await kept()).toEqual(inLowerCase(names(FROM + PEOPLE)));
    expect((await own.call('DELETE', `/disbursements/${id}`)).status).toBe(200);
    expect(await kept()).toEqual([]);
  });

  it('is found of a direct payment, and nothing is kept for one without', async () => {
    const to = await person(own);
    const body = {
      amount: '2',
      asset: { id: own.assetId },
      receiver: { id: to.id },
      wallet: { id: own.walletId },
    };
    const paid = await own.call('POST', '/payments', { ...body, external_payment_id: 'Invoice-77/A' });
    expect(paid.status).toBe(201);
    expect((await own.call('POST', '/payments', body)).status).toBe(201);
    expect(await found('ICE-77/')).toEqual(['Invoice-77/A']);
    expect(await kept()).toEqual(['invoice-77/a', ...inLowerCase(names(FROM))]);
    expect(idOf(paid)).not.toBe('');
  });
});
