import { DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

interface Entry {
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly before: object | null;
  readonly after: object | null;
}

/** What staff do with money leaves exactly one row each, with what it was before. */
describe('the audit log of payments', () => {
  let server: TestServer;
  let world: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    world = await DisbursementWorld.make(server, 'acme');
    server.ledger.fund(world.account, 100_000_0000000n);
  });
  afterAll(() => server.stop());

  /** The rows that were added meanwhile, the oldest first, without sign-ins. */
  async function added(work: () => Promise<unknown>): Promise<Entry[]> {
    await world.token();
    const last = async (): Promise<number> => Number(seqOf((await entries())[0]));
    const before = await last();
    await work();
    return (await entries()).filter((entry) => Number(seqOf(entry)) > before).reverse();
  }
  const seqOf = (entry: Entry | undefined): unknown => Reflect.get(entry ?? {}, 'seq') ?? 0;
  const entries = async (): Promise<Entry[]> => {
    const reply = await world.call('GET', '/audit?page_limit=100');
    return Reflect.get(reply.body as object, 'data') as Entry[];
  };
  const row = (action: string, subject: object, before: object | null, after: unknown) => ({
    action,
    subject: expect.objectContaining(subject) as unknown,
    before,
    after,
  });

  it('tells of a disbursement that is made, filled, started, paused and resumed', async () => {
    let id = '';
    const rows = await added(async () => {
      id = await world.ready(2);
      await world.setStatus(id, 'STARTED');
      await world.setStatus(id, 'PAUSED');
      await world.setStatus(id, 'STARTED');
      expect((await world.setStatus(id, 'STARTED')).status).toBe(400);
    });
    const status = (from: string, to: string) =>
      row('PATCH /disbursements/:id/status', { type: 'disbursements', id }, { status: from }, { status: to });
    expect(rows.map(({ action, subject, before, after }) => ({ action, subject, before, after }))).toEqual([
      row(
        'POST /disbursements',
        { type: 'disbursements', id },
        null,
        expect.objectContaining({ asset_id: world.assetId }),
      ),
      row(
        'POST /disbursements/:id/instructions',
        { type: 'disbursements', id },
        null,
        expect.objectContaining({ rows: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }),
      ),
      status('READY', 'STARTED'),
      status('STARTED', 'PAUSED'),
      status('PAUSED', 'STARTED'),
    ]);
  });

  it('tells which file took the place of which, and what a deleted draft was', async () => {
    let id = '';
    const rows = await added(async () => {
      id = await world.ready(2);
      await world.upload(id, peopleFile(3), { name: 'corrected.csv' });
      await world.call('DELETE', `/disbursements/${id}`);
    });
    expect(rows.slice(-2).map(({ before, after }) => ({ before, after }))).toEqual([
      {
        before: { file: 'people.csv' },
        after: expect.objectContaining({ file: 'corrected.csv', rows: 3 }) as unknown,
      },
      { before: { name: expect.any(String) as unknown, status: 'READY', payments: 3 }, after: null },
    ]);
    expect(new Set(rows.map(({ subject }) => subject.id))).toEqual(new Set([id]));
  });

  it('names the person who was added, and tells what their contacts were before they were changed', async () => {
    let id = '';
    const rows = await added(async () => {
      const person = {
        external_id: 'P-77',
        phone_number: '+254700000777',
        verifications: [{ type: 'DATE_OF_BIRTH', value: '1990-01-01' }],
      };
      id = String(Reflect.get(Object((await world.call('POST', '/receivers', person)).body), 'id'));
      await world.call('PATCH', `/receivers/${id}`, { email: 'new@people.example', external_id: 'P-78' });
    });
    const subject = { type: 'receivers', id };
    expect(
      rows.map(({ action, subject, before, after }) => ({ action, subject, before, after })),
    ).toMatchObject([
      { action: 'POST /receivers', subject, before: null, after: { phone_number: '+254700000777' } },
      {
        action: 'PATCH /receivers/:id',
        subject,
        before: { email: null, externalId: 'P-77' },
        after: { email: 'new@people.example', externalId: 'P-78' },
      },
    ]);
  });

  it('tells of payments that are cancelled and retried, and of no refusal', async () => {
    const failed = await world.failed(2);
    const { payments } = await world.started(2);
    const [canceled = ''] = payments;
    const rows = await added(async () => {
      const cancel = await world.call('PATCH', `/payments/${canceled}/status`, { status: 'CANCELED' });
      expect(cancel.status).toBe(200);
      await world.call('PATCH', `/payments/${canceled}/status`, { status: 'CANCELED' });
      await world.call('PATCH', '/payments/retry', { payment_ids: [canceled] });
      await world.call('PATCH', '/payments/retry', { payment_ids: failed.payments });
    });
    expect(rows.map(({ subject, before, after }) => ({ id: subject.id, before, after }))).toEqual([
      { id: canceled, before: { status: 'READY' }, after: { status: 'CANCELED' } },
      ...failed.payments
        .toSorted()
        .map((id) => ({ id, before: { status: 'FAILED' }, after: { status: 'READY' } })),
    ]);
  });
});
