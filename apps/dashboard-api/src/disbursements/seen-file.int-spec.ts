import { fieldOf, newId } from '@libs/kernel';
import { Client } from 'pg';

import { DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { type Reply, TestServer } from '../testing/test-server';

const UNIT = 10_000_000n;
const REFUSED = {
  error:
    'another file is there than the one named: look at GET /disbursements/{id}/review again, and name its file',
};

describe('a start that names the file that its approver has seen', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    own.fund(1_000n * UNIT);
  });
  afterAll(() => server.stop());

  const start = (id: string, file: unknown): Promise<Reply> =>
    own.call('PATCH', `/disbursements/${id}/status`, { status: 'STARTED', file }, 'approver');
  const review = async (id: string): Promise<unknown> =>
    (await own.call('GET', `/disbursements/${id}/review`, undefined, 'approver')).body;
  const seen = async (id: string): Promise<unknown> => fieldOf(fieldOf(await review(id), 'file'), 'id');

  it('is refused and changes nothing when another file came in between; with that one it starts', async () => {
    const id = await own.ready(1);
    const old = await seen(id);
    await own.upload(id, peopleFile(1, { amount: '12' }));
    const promised = await own.promised();
    for (const file of [old, newId()]) {
      const refused = await start(id, file);
      expect([refused.status, refused.body]).toEqual([409, REFUSED]);
    }
    expect(await own.promised()).toBe(promised);
    expect(await review(id)).toMatchObject({ status: 'READY' });
    const now = String(await seen(id));
    expect((await start(id, now.toUpperCase())).status).toBe(200);
  });

  it('is refused also when the file is swapped at the moment of the click', async () => {
    const id = await own.ready(1);
    const other = await seen(id);
    await own.upload(id, peopleFile(1, { amount: '12' }));
    const file = await seen(id);
    const swap = new Client({ connectionString: server.database.superuserUrl });
    await swap.connect();
    await swap.query('BEGIN');
    // As an upload does at its end. The start has looked already when it comes to wait for this.
    await swap.query('UPDATE disbursements.disbursements SET current_upload_id = $2 WHERE id = $1', [
      id,
      other,
    ]);
    const clicked = start(id, file);
    await server.waitsForLock();
    await swap.query('COMMIT');
    await swap.end();
    const refused = await clicked;
    expect([refused.status, refused.body]).toEqual([409, REFUSED]);
    expect(await review(id)).toMatchObject({ status: 'READY' });
  });

  it.each([1, {}, [], '', 'the one from May'])('is a 400 where it is called %j', async (file) => {
    const reply = await start(await own.ready(1), file);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      extras: { file: 'file must be the id of the file that GET /disbursements/{id}/review shows' },
    });
  });

  it('starts as ever where none is named', async () => {
    expect((await start(await own.ready(1), null)).status).toBe(200);
  });
});
