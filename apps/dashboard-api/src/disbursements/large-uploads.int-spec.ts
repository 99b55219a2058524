import {
  bytesOf,
  ComingParts,
  InstructionsUpload,
  receiveFile,
  UploadProgress,
  UploadStores,
} from '@libs/disbursements';
import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import {
  noneLeft,
  openUploadWorld,
  phone,
  phoneFile,
  UPLOADED,
  type UploadWorld,
} from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

const LARGE = 10_050;
const PATIENCE_MS = 120_000;
/** Each test publishes ten thousand people and more, on a machine that may do much else. */
const TEST_MS = 300_000;
const LOOK_MS = 20;

jest.setTimeout(TEST_MS);

describe('large files of instructions', () => {
  let world: UploadWorld;
  let calls = 0;

  beforeAll(async () => {
    world = await openUploadWorld({ uploadStallMs: 500 });
  });
  afterAll(() => world.server.stop());

  const call = async (
    path: string,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
    calls += 1;
    const headers = { 'x-forwarded-for': `10.7.${String(calls >> 8)}.${String(calls & 255)}` };
    const { status, body } = await world.server.call('GET', path, { token: world.token, headers });
    return { status, body: body as Record<string, unknown> };
  };
  const uploadOf = async (id: string): Promise<Record<string, unknown>> =>
    (await call(`/disbursements/${id}/upload`)).body;

  async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      const found = await look();
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`never: ${what}`);
  }
  const stateOf = async (id: string, ...states: string[]): Promise<Record<string, unknown>> =>
    await until(states.join(' or '), async () => {
      // Where connections are cut, a look may be what is cut.
      const upload = await uploadOf(id).catch((): Record<string, unknown> => ({}));
      return states.includes(String(upload['state'])) ? upload : null;
    });
  const settled = async (id: string): Promise<void> => {
    await until('settled', async () => {
      // As the clock does in a process that serves.
      await world.server.app.get(UploadSweep).run();
      const [row] = await world.server.sql(
        'SELECT 1 FROM disbursements.upload_jobs WHERE disbursement_id = $1 AND settled_at IS NULL',
        [id],
      );
      return row === undefined ? true : null;
    });
  };
  const peopleFrom = async (from: number, count: number): Promise<unknown> => {
    const [row] = await world.server.sql(
      `SELECT count(*)::int AS people,
              (SELECT count(*)::int FROM receivers.receiver_wallets w WHERE w.receiver_id = ANY(array_agg(r.id))) AS wallets,
              (SELECT count(*)::int FROM receivers.verifications v WHERE v.receiver_id = ANY(array_agg(r.id))) AS values
         FROM receivers.receivers r WHERE phone_number BETWEEN $1 AND $2`,
      [phone(from), phone(from + count - 1)],
    );
    return row;
  };
  const NOBODY = { people: 0, wallets: 0, values: 0 };

  it('answer 202, tell how far they are, and are all or nothing to whoever reads meanwhile', async () => {
    const { disbursement, upload, read, payments, server } = world;
    const id = await disbursement();
    await upload(id, phoneFile(3, '1', 100), 'before.csv');
    const content = phoneFile(LARGE, '2', 10_000);
    const accepted = await upload(id, content, 'large.csv');
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/disbursements/${id}/upload`);
    const events = fetch(`${server.url}/disbursements/${id}/upload/events`, {
      headers: { authorization: `Bearer ${world.token}`, 'x-forwarded-for': '10.8.8.8' },
    }).then((response) => response.text());
    const seen = new Set<string>();
    await until('published', async () => {
      const { body } = await call(`/disbursements/${id}`);
      const list = await call(`/disbursements/${id}/receivers?page_limit=1`);
      const { total } = list.body['pagination'] as { total: number };
      seen.add(`${String(body['total_payments'])} of ${String(body['file_name'])}`);
      expect([3, LARGE]).toContain(total);
      return (await uploadOf(id))['state'] === 'PUBLISHED' ? true : null;
    });
    expect(
      [...seen].filter((one) => one !== '3 of before.csv' && one !== `${String(LARGE)} of large.csv`),
    ).toEqual([]);
    expect(await uploadOf(id)).toMatchObject({
      disbursement_id: id,
      file_name: 'large.csv',
      rows_read: LARGE,
      rows_valid: LARGE,
      rows_wrong: 0,
      bytes_received: Buffer.byteLength(content),
      refusal: null,
    });
    expect((await events).match(/^event: upload$/gm)?.length).toBeGreaterThan(0);
    expect(await events).toContain('"state":"PUBLISHED"');
    expect(await read(id)).toMatchObject({ status: 'READY', count_draft: LARGE, open: LARGE });
    expect(new Set((await payments(id)).map((one) => one['upload_id']))).toEqual(
      new Set([(accepted.body as { upload_id: string }).upload_id]),
    );
    expect(await peopleFrom(10_000, LARGE)).toEqual({ people: LARGE, wallets: LARGE, values: LARGE });
    const download = await server.call('GET', `/disbursements/${id}/instructions`, { token: world.token });
    expect(download.text === content).toBe(true);
  });

  it('leave the file before and nobody of theirs when their connection is cut, wherever they are', async () => {
    const { disbursement, upload, read, server } = world;
    const id = await disbursement();
    await upload(id, phoneFile(2, '1', 200), 'before.csv');
    const before = await read(id);
    for (const [cut, state] of ['CHECKING', 'PUBLISHING'].entries()) {
      const from = 30_000 + cut * 20_000;
      expect((await upload(id, phoneFile(LARGE, '2', from))).status).toBe(202);
      await stateOf(id, state, 'PUBLISHED');
      await server.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'dashboard-api test'`,
      );
      const { state: end } = await stateOf(id, 'LOST', 'PUBLISHED');
      await settled(id);
      // On a fast machine the cut may come too late: then all of it is there.
      if (end === 'PUBLISHED') {
        expect(await peopleFrom(from, LARGE)).toEqual({ people: LARGE, wallets: LARGE, values: LARGE });
        return;
      }
      expect(await read(id)).toEqual(before);
      expect(await peopleFrom(from, LARGE)).toEqual(NOBODY);
      const parts = await server.sql(
        `SELECT 1 FROM disbursements.upload_parts p JOIN disbursements.upload_jobs j ON j.id = p.upload_id
          WHERE j.disbursement_id = $1 AND j.state = 'LOST'`,
        [id],
      );
      expect(parts).toEqual([]);
    }
    server.logs.length = 0;
  });

  it('are swept when their process is gone, except for people on whom another file relies', async () => {
    const { disbursement, upload, server, tenant, read } = world;
    const [lost, other] = [await disbursement(), await disbursement()];
    await dieBeforePublication(lost, phoneFile(2_500, '1', 80_000));
    // However slow this machine is, it was heard of a moment ago.
    await server.sql(
      `UPDATE disbursements.upload_jobs SET beat_at = now() + interval '1 hour' WHERE tenant_id = $1 AND disbursement_id = $2`,
      [tenant.id, lost],
    );
    expect(await uploadOf(lost)).toMatchObject({ state: 'PUBLISHING' });
    const another = await upload(lost, phoneFile(1, '1', 300));
    expect(another.status).toBe(409);
    expect(another.text).toContain('another file is being uploaded for this disbursement');
    const deletion = await server.call('DELETE', `/disbursements/${lost}`, { token: world.token });
    expect([deletion.status, deletion.text]).toEqual([
      409,
      expect.stringContaining('a file is being uploaded for this disbursement'),
    ]);
    expect((await upload(other, phoneFile(700, '1', 81_000))).body).toEqual(UPLOADED);
    const sweep = server.app.get(UploadSweep);
    await sweep.run();
    expect(await peopleFrom(80_000, 2_500)).toMatchObject({ people: 2_500 });
    await server.sql(
      `UPDATE disbursements.upload_jobs SET beat_at = now() - interval '1 minute' WHERE tenant_id = $1 AND disbursement_id = $2`,
      [tenant.id, lost],
    );
    expect(await uploadOf(lost)).toMatchObject({ state: 'LOST' });
    await sweep.run();
    expect(await peopleFrom(80_000, 1_000)).toEqual(NOBODY);
    expect(await peopleFrom(81_000, 700)).toEqual({ people: 700, wallets: 700, values: 700 });
    expect(await peopleFrom(81_700, 800)).toEqual(NOBODY);
    expect(await read(lost)).toMatchObject({ status: 'DRAFT', current_upload_id: null });
    expect((await upload(lost, phoneFile(2_100, '1', 80_500))).body).toEqual(UPLOADED);
    expect(await read(lost)).toMatchObject({ count_draft: 2_100 });
    expect(await peopleFrom(80_500, 2_100)).toEqual({ people: 2_100, wallets: 2_100, values: 2_100 });
  });

  it('with the same people, sent at once, neither fail nor make anybody twice', async () => {
    const { disbursement, upload, read } = world;
    const lines = phoneFile(2_500, '1', 90_000).split('\n');
    const [header = '', ...rows] = lines;
    const ids = await Promise.all([disbursement(), disbursement()]);
    const replies = await Promise.all(
      ids.map((id, index) => upload(id, [header, ...(index === 0 ? rows : rows.toReversed())].join('\n'))),
    );
    expect(replies.map(({ body }) => body)).toEqual([UPLOADED, UPLOADED]);
    for (const id of ids) expect(await read(id)).toMatchObject({ count_draft: 2_500 });
    expect(await peopleFrom(90_000, 2_500)).toEqual({ people: 2_500, wallets: 2_500, values: 2_500 });
  });

  it('are refused when the disbursement was started while they came, and leave nobody', async () => {
    const { disbursement, upload, server, read } = world;
    const id = await disbursement();
    await upload(id, phoneFile(2, '1', 400), 'before.csv');
    expect((await upload(id, phoneFile(LARGE, '2', 100_000))).status).toBe(202);
    await server.sql(`UPDATE disbursements.disbursements SET status = 'STARTED' WHERE id = $1`, [id]);
    const { state, refusal } = await stateOf(id, 'REFUSED', 'PUBLISHED');
    await settled(id);
    if (state === 'PUBLISHED') return;
    expect(refusal).toEqual({ status: 400, error: 'disbursement is not in draft or ready status' });
    expect(await read(id)).toMatchObject({ status: 'STARTED', file_name: 'before.csv', count_draft: 2 });
    expect(await peopleFrom(100_000, LARGE)).toEqual(NOBODY);
  });

  it('with one wrong row at their end are refused with it', async () => {
    const { disbursement, upload, read } = world;
    const id = await disbursement();
    const wrong = `${phoneFile(LARGE, '1', 120_000)}\n${phone(999_999)},Z,-1,1990-01-30,`;
    expect((await upload(id, wrong)).status).toBe(202);
    const { refusal, rows_wrong: rowsWrong } = await stateOf(id, 'REFUSED', 'PUBLISHED');
    expect(refusal).toEqual({
      status: 400,
      error: 'could not parse csv file',
      extras: {
        [`line ${String(LARGE + 2)} - amount`]: 'invalid amount. Amount must be a positive number',
      },
    });
    expect(rowsWrong).toBe(1);
    expect(await read(id)).toMatchObject({ status: 'DRAFT', current_upload_id: null });
    expect(await peopleFrom(120_000, LARGE)).toEqual(NOBODY);
  });

  it('may come with their disbursement, which is in DRAFT until they are published', async () => {
    const { server, token, assetId, walletId } = world;
    const body = new FormData();
    const order = {
      name: 'in one piece',
      asset_id: assetId,
      wallet_id: walletId,
      registration_contact_type: 'PHONE_NUMBER',
      verification_field: 'DATE_OF_BIRTH',
    };
    body.append('data', JSON.stringify(order));
    body.append('file', new Blob([phoneFile(LARGE, '3', 140_000)]), 'people.csv');
    const reply = await server.call('POST', '/disbursements', { token, body });
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ name: 'in one piece', status: 'DRAFT' });
    const { id } = reply.body as { id: string };
    await stateOf(id, 'PUBLISHED');
    expect((await call(`/disbursements/${id}`)).body).toMatchObject({
      status: 'READY',
      total_payments: LARGE,
    });
  });

  it('that say nothing for too long end with 408 and leave the place to others', async () => {
    const { disbursement, upload, server, token } = world;
    const id = await disbursement();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(`${server.url}/disbursements/${id}/instructions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'multipart/form-data; boundary=x',
          'content-length': '5000',
          'x-forwarded-for': '10.1.2.3',
        },
      });
      sending.on('error', reject);
      sending.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nphone,id');
    });
    expect(status).toBe(408);
    expect((await upload(id, phoneFile(2, '1', 160_000))).body).toEqual(UPLOADED);
  });

  /** What a process leaves that dies after its people have arrived and before anything is published. */
  async function dieBeforePublication(disbursementId: string, content: string): Promise<void> {
    const { server, tenant } = world;
    const pool = new Database({
      url: server.platform.settings.DATABASE_URL,
      applicationName: 'a process that dies',
      connectionsMax: 2,
    });
    const unitOfWork = new UnitOfWork(pool);
    const context = { tenantId: tenant.id, actor: 'system:test', trace: '' };
    const [stores, upload] = [server.app.get(UploadStores), server.app.get(InstructionsUpload)];
    const uploadId = newId();
    await unitOfWork.run(context, (tx) => stores.jobs.claim(tx, { id: uploadId, disbursementId }));
    const file = await receiveFile(
      { uploadId, name: 'lost.csv' },
      Readable.from([Buffer.from(content)]),
      (part, bytes) => unitOfWork.run(context, (tx) => stores.parts.add(tx, uploadId, part, bytes)),
    );
    const kept = bytesOf(file.parts, async (part) => {
      const bytes = await unitOfWork.run(context, (tx) => stores.parts.read(tx, uploadId, part));
      return bytes ?? new Uint8Array();
    });
    expect((await text(kept)) === content).toBe(true);
    const order = { disbursementId, file, progress: new UploadProgress(), made: null };
    await unitOfWork.run(context, (tx) => upload.begin(tx, order, new ComingParts(uploadId, stores.parts)));
    const died = unitOfWork.session((session) =>
      upload.run(session, {
        order,
        context,
        left: noneLeft,
        publication: () => Promise.reject(new Error('killed')),
      }),
    );
    await expect(died).rejects.toThrow('killed');
    await pool.close();
  }
});
