import { Client } from 'pg';

import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

const LARGE = 10_050;
const FIRST = 200_000;
const SHARED = 300;
const PATIENCE_MS = 120_000;
const LOOK_MS = 20;

jest.setTimeout(300_000);

/** People of a file whose rows are all there, while its publication waits for a lock that the test holds. */
describe('people of a large file that is not published', () => {
  let world: UploadWorld;
  let holder: Client;
  let calls = 0;

  beforeAll(async () => {
    world = await openUploadWorld();
    holder = new Client({ connectionString: world.server.database.superuserUrl });
    await holder.connect();
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(3, '1', 100))).body).toEqual(UPLOADED);
  });
  afterAll(async () => {
    await holder.end();
    await world.server.stop();
  });

  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`never: ${what}`);
  }
  const call = async (path: string): Promise<{ readonly status: number; readonly text: string }> => {
    calls += 1;
    const headers = { 'x-forwarded-for': `10.9.${String(calls >> 8)}.${String(calls & 255)}` };
    return await world.server.call('GET', path, { token: world.token, headers });
  };
  const json = async (path: string): Promise<Record<string, unknown>> =>
    JSON.parse((await call(path)).text) as Record<string, unknown>;
  const totalOf = async (query: string): Promise<unknown> =>
    ((await json(`/receivers?page_limit=1${query}`))['pagination'] as { total: number }).total;
  const stored = async (): Promise<number> => {
    const [row] = await world.server.sql('SELECT count(*)::int AS n FROM receivers.receivers');
    return Number(row?.['n']);
  };
  const exported = async (): Promise<number> =>
    (await call('/exports/receivers')).text.trim().split(/\r?\n/).length - 1;

  /** How many people each way of reading tells of, and whether one of the file can be found. */
  async function seen(index: number): Promise<Record<string, unknown>> {
    const [row] = await world.server.sql('SELECT id FROM receivers.receivers WHERE phone_number = $1', [
      phone(index),
    ]);
    const one = await call(`/receivers/${String(row?.['id'])}`);
    const edit = await world.server.call('PATCH', `/receivers/${String(row?.['id'])}`, {
      token: world.token,
      headers: { 'x-forwarded-for': '10.9.250.1' },
      json: { external_id: `P-${String(index)}` },
    });
    return {
      listed: await totalOf(''),
      inDraft: await totalOf('&status=DRAFT'),
      since: await totalOf('&created_at_after=2020-01-01'),
      found: await totalOf(`&q=${encodeURIComponent(phone(index))}`),
      exported: await exported(),
      counted: (await json('/statistics'))['total_receivers'],
      byId: one.status,
      edit: edit.status,
    };
  }
  const everywhere = (people: number, isThere: boolean): Record<string, unknown> => ({
    listed: people,
    inDraft: people,
    since: people,
    found: isThere ? 1 : 0,
    exported: people,
    counted: people,
    byId: isThere ? 200 : 404,
    edit: isThere ? 200 : 404,
  });
  const stateOf = async (id: string): Promise<unknown> =>
    (
      await world.server.sql(
        'SELECT state FROM disbursements.upload_jobs WHERE disbursement_id = $1 ORDER BY started_at DESC LIMIT 1',
        [id],
      )
    )[0]?.['state'];

  /** The connection that publishes is cut while it waits, as by the death of its process. */
  async function dies(): Promise<void> {
    await world.server.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'dashboard-api test' AND wait_event_type = 'Lock'`,
    );
    await holder.query('COMMIT');
  }

  /** Holds the lock that the publication takes last, until all its people are there. */
  async function heldBeforeTheFlip(content: string, people: number): Promise<string> {
    const id = await world.disbursement();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM disbursements.disbursements WHERE id = $1 FOR NO KEY UPDATE', [id]);
    expect((await world.upload(id, content)).status).toBe(202);
    await until('all its people are stored', async () => (await stored()) === people);
    await world.server.waitsForLock();
    return id;
  }

  it('is seen as soon as one of two files with them is published, and stays when the other one dies', async () => {
    const before = await stored();
    const from = FIRST + 50_000;
    const id = await heldBeforeTheFlip(phoneFile(LARGE, '2', from), before + LARGE);
    const other = await world.disbursement();
    expect((await world.upload(other, phoneFile(SHARED, '3', from))).body).toEqual(UPLOADED);
    expect(await seen(from + 5)).toEqual(everywhere(before + SHARED, true));
    expect(await seen(from + SHARED)).toEqual(everywhere(before + SHARED, false));
    await dies();
    await until('given up', async () => (await stateOf(id)) === 'LOST');
    await until('swept', async () => {
      await world.server.app.get(UploadSweep).run();
      const [row] = await world.server.sql(
        'SELECT count(*)::int AS n FROM disbursements.upload_jobs WHERE settled_at IS NULL',
      );
      return Number(row?.['n']) === 0;
    });
    expect(await seen(from + 5)).toEqual(everywhere(before + SHARED, true));
    expect(await stored()).toBe(before + SHARED);
    world.server.logs.length = 0;
  });

  it('is nobody to any reader when their file dies, and all of them at once when it comes again', async () => {
    const before = await stored();
    const from = FIRST + 100_000;
    const first = await heldBeforeTheFlip(phoneFile(LARGE, '2', from), before + LARGE);
    expect(await seen(from + 5)).toEqual(everywhere(before, false));
    await dies();
    await until('given up', async () => (await stateOf(first)) === 'LOST');
    await until('swept', async () => {
      await world.server.app.get(UploadSweep).run();
      return (await stored()) === before;
    });
    const second = await heldBeforeTheFlip(phoneFile(LARGE, '2', from), before + LARGE);
    expect(await seen(from + 5)).toEqual(everywhere(before, false));
    await holder.query('COMMIT');
    await until('published', async () => (await stateOf(second)) === 'PUBLISHED');
    expect(await seen(from + 5)).toEqual(everywhere(before + LARGE, true));
    world.server.logs.length = 0;
  });
});
