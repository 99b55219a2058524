import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';

const PATIENCE_MS = 60_000;
const LOOK_MS = 20;
const HEAD = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
const TAIL = '\r\n--x--\r\n';
const LARGE_MIB = 300;
const MEBIBYTE = 2 ** 20;

jest.setTimeout(300_000);

/** Bodies that no honest sender sends; each of them beside a draft that has a good file. */
describe('an upload whose body is not what it says', () => {
  let world: UploadWorld;
  let draft: string;
  let before: unknown;
  let senders = 0;

  beforeAll(async () => {
    world = await openUploadWorld({ uploadStallMs: 1_000 });
  });
  beforeEach(async () => {
    senders += 1;
    draft = await world.disbursement();
    expect((await world.upload(draft, phoneFile(2, '7', senders * 10), 'before.csv')).body).toEqual(UPLOADED);
    before = await state();
  });
  afterAll(() => world.server.stop());

  /** All that is kept of the draft and of anybody's files and people. */
  async function state(): Promise<unknown> {
    const { status, file_name: file, count_draft: payments } = await world.read(draft);
    const [kept] = await world.server.sql(
      `SELECT (SELECT count(*)::int FROM receivers.receivers) AS people,
              (SELECT count(*)::int FROM disbursements.payments) AS payments,
              (SELECT count(*)::int FROM disbursements.upload_parts) AS parts,
              (SELECT count(*)::int FROM disbursements.upload_jobs WHERE state IN ('RECEIVING', 'CHECKING', 'PUBLISHING')) AS under_way`,
    );
    return { status, file, payments, kept };
  }
  /** Also where nobody waits for an answer. */
  async function expectNothingKept(): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      if (JSON.stringify(await state()) === JSON.stringify(before)) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    expect(await state()).toEqual(before);
    // The draft and its place among the uploads are free.
    const good = await world.upload(draft, phoneFile(1, '8', senders * 10 + 5));
    expect(good.body).toEqual(UPLOADED);
  }

  const headers = (more: Record<string, string>): Record<string, string> => ({
    authorization: `Bearer ${world.token}`,
    'content-type': 'multipart/form-data; boundary=x',
    'x-forwarded-for': `10.3.0.${String(senders)}`,
    ...more,
  });
  const sending = (more: Record<string, string>): ClientRequest =>
    request(`${world.server.url}/disbursements/${draft}/instructions`, {
      method: 'POST',
      headers: headers(more),
    });
  async function answerTo(sent: ClientRequest): Promise<{ readonly status: number; readonly body: unknown }> {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body: unknown = JSON.parse(await text(response));
    return { status: response.statusCode ?? 0, body };
  }
  /** Bytes as they are, over a connection of their own; what came back when it was closed. */
  async function overTheLine(bytes: string): Promise<string> {
    const { hostname, port } = new URL(world.server.url);
    const socket = net.connect(Number(port), hostname);
    socket.write(bytes);
    const answer: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => answer.push(chunk));
    await once(socket, 'close');
    return Buffer.concat(answer).toString();
  }
  const requestOf = (length: number, body: string): string =>
    [
      `POST /disbursements/${draft}/instructions HTTP/1.1`,
      'Host: staff.test',
      ...Object.entries(headers({ 'content-length': String(length), connection: 'close' })).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      '',
      body,
    ].join('\r\n');

  it('of 300 MB is refused at the limit', async () => {
    const { server, tenant } = world;
    const limit = (bytes: number): Promise<unknown> =>
      server.sql('UPDATE tenants.organizations SET upload_bytes_max = $2 WHERE tenant_id = $1', [
        tenant.id,
        bytes,
      ]);
    await limit(20 * MEBIBYTE);
    // Without a length, so that only the bytes themselves say how many there are.
    const sent = sending({ 'transfer-encoding': 'chunked' });
    const answered = { yet: false };
    const answer = answerTo(sent).finally(() => (answered.yet = true));
    sent.write(`${HEAD}phone,id,amount,verification\n`);
    const piece = Buffer.from(`${phone(999)},A,1,1990-01-30\n`.repeat(40_000)).subarray(0, MEBIBYTE);
    // Whoever has its answer stops; whoever does not look for it goes on, and what it sends is read and thrown away.
    for (let sentMiB = 0; sentMiB < LARGE_MIB && !answered.yet; sentMiB += 1) {
      if (!sent.write(piece)) await Promise.race([once(sent, 'drain'), answer]);
    }
    if (!answered.yet) sent.end(TAIL);
    const refusal = { details: `request too large. Max size ${String(20 * MEBIBYTE)} bytes.` };
    expect(await answer).toEqual({
      status: 400,
      body: { error: 'could not parse multipart form data', extras: refusal },
    });
    sent.destroy();
    await limit(200_000_000);
    await expectNothingKept();
  });

  it('that says at once that it is 300 MB is refused before any of it is read', async () => {
    const sent = sending({ 'content-length': String(LARGE_MIB * MEBIBYTE) });
    sent.write(HEAD);
    const { status, body } = await answerTo(sent);
    sent.destroy();
    expect([status, body]).toEqual([
      400,
      {
        error: 'could not parse multipart form data',
        extras: { details: 'request too large. Max size 200000000 bytes.' },
      },
    ]);
    await expectNothingKept();
  });

  it('that goes on behind its Content-Length is refused for what is missing at its end', async () => {
    const body = HEAD + phoneFile(3, '1', senders * 10) + TAIL;
    // The rest is no request, so the connection is closed as well; which of the two is told first is open.
    const answer = await overTheLine(requestOf(body.length - 40, body));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    await expectNothingKept();
  });

  it('that ends before its Content-Length waits for the rest, and then for nobody', async () => {
    const body = HEAD + phoneFile(3, '1', senders * 10) + TAIL;
    const answer = await overTheLine(requestOf(body.length + 40, body));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('Upload it again over a steadier connection.');
    await expectNothingKept();
  });

  it('that breaks off leaves the file before as it was', async () => {
    const sent = sending({ 'content-length': '500000' });
    sent.on('error', () => undefined);
    sent.write(HEAD + phoneFile(2_000, '1', 50_000));
    await underWay();
    sent.destroy();
    await expectNothingKept();
  });

  it('that is a gzip bomb is refused unread, as is one of JSON', async () => {
    const bomb = gzipSync(Buffer.from(HEAD + '0'.repeat(20 * MEBIBYTE) + TAIL));
    const sent = sending({ 'content-encoding': 'gzip' });
    sent.end(bomb);
    expect(await answerTo(sent)).toEqual({
      status: 415,
      body: { error: 'Content-Encoding gzip is not accepted for a form. Send the file as it is.' },
    });
    const order = request(`${world.server.url}/disbursements`, {
      method: 'POST',
      headers: headers({ 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    });
    order.end(gzipSync(Buffer.from(`{"name":"${'0'.repeat(20 * MEBIBYTE)}"}`)));
    expect((await answerTo(order)).status).toBe(413);
    const asFile = await world.upload(draft, new Uint8Array(gzipSync(phoneFile(3))));
    expect([asFile.status, asFile.body]).toEqual([
      400,
      expect.objectContaining({ error: 'could not parse csv file' }),
    ]);
    await expectNothingKept();
  });

  it('and comes twice at once is there once', async () => {
    const file = phoneFile(1_500, '3', 60_000);
    const replies = await Promise.all([1, 2, 3].map(() => world.upload(draft, file, 'twice.csv')));
    for (const { status, text: answer } of replies) {
      expect([200, 409]).toContain(status);
      if (status === 409) expect(answer).toContain('another file is being uploaded for this disbursement');
    }
    expect(replies.map(({ status }) => status)).toContain(200);
    expect(await world.read(draft)).toMatchObject({
      status: 'READY',
      file_name: 'twice.csv',
      count_draft: 1_500,
    });
    const payments = await world.payments(draft);
    const people = new Set(payments.map((one) => one['receiver_id']));
    expect([payments.length, people.size]).toEqual([1_500, 1_500]);
  });

  async function underWay(): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      const [row] = await world.server.sql(
        `SELECT 1 FROM disbursements.upload_jobs WHERE disbursement_id = $1 AND state = 'RECEIVING'`,
        [draft],
      );
      if (row !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error('the upload never began');
  }
});
