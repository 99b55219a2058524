import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { fieldOf } from '@libs/kernel';
import { Client } from 'pg';

import type { DisbursementWorld } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { nobodyIsConnected, restOf, stalledDownload } from '../testing/slow-download';
import { TestServer } from '../testing/test-server';

/** More bytes than the kernel holds between the app and a client that takes none of them. */
const ROWS = 60_000;
const STALL_MS = 1_500;
const LISTS = '/exports/disbursements';
const AUDIT = '/exports/audit';

describe('a download', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start({}, { exportStallMs: STALL_MS });
    own = await worldOfRows(server);
  }, 120_000);
  beforeEach(() => void server.logs.splice(0));
  afterEach(() => nobodyIsConnected(own));
  afterAll(() => server.stop());

  async function worldOfRows(on: TestServer): Promise<DisbursementWorld> {
    const made = await fundedWorld(on);
    await on.sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type)
       SELECT $1, gen_random_uuid(), repeat('long name ', 12) || n, $2, $3, 'DRAFT', 'PHONE_NUMBER' FROM generate_series(1, ${String(ROWS)}) n`,
      [made.tenant.id, made.assetId, made.walletId],
    );
    await on.sql(
      `INSERT INTO identity.audit_log (tenant_id, seq, at, actor_type, actor_id, actor_name, address, request_id, action, subject_type,
         subject_id, before, after, previous_hash, hash)
       SELECT $1, 1000 + n, now(), 'system', 'x', '', '', '', 'many', 'many', '', to_jsonb(repeat('long text ', 40)), NULL,
              sha256(''), sha256('') FROM generate_series(1, ${String(ROWS)}) n`,
      [made.tenant.id],
    );
    return made;
  }

  const statusOf = async (of: DisbursementWorld, path: string): Promise<unknown> => {
    const { status, headers } = await of.call('GET', path);
    return [status, headers.get('retry-after')];
  };
  const tellsOf = (kind: string, reason: string): unknown =>
    expect.objectContaining({
      tenantId: own.tenant.id,
      kind,
      message: `an export was broken off: ${reason}`,
    });
  async function areTold(lines: readonly unknown[], on = server): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (on.logs.length < lines.length && Date.now() < deadline) await pause(20);
    expect(on.logs).toEqual(lines);
  }
  const leave = (responses: readonly IncomingMessage[]): void => {
    for (const response of responses) response.destroy();
  };

  it('takes no place that other organisations need, however slow its organisation is', async () => {
    const [other, third] = [await fundedWorld(server), await fundedWorld(server)];
    const slow = [await stalledDownload(own, LISTS), await stalledDownload(own, AUDIT)];
    for (const path of [LISTS, AUDIT, '/exports/payments', '/exports/receivers'])
      expect([path, await statusOf(own, path)]).toEqual([path, [429, '10']]);
    expect(await statusOf(other, LISTS)).toEqual([200, null]);
    expect(await statusOf(third, AUDIT)).toEqual([200, null]);
    leave(slow);
    await nobodyIsConnected(own);
    expect((await own.call('GET', LISTS)).text.split('\r\n')).toHaveLength(ROWS + 2);
  }, 60_000);

  it('is one of three at most, of all organisations', async () => {
    const other = await worldOfRows(server);
    const slow = [await stalledDownload(own, LISTS), await stalledDownload(own, AUDIT)];
    slow.push(await stalledDownload(other, LISTS));
    expect(await statusOf(await fundedWorld(server), LISTS)).toEqual([429, '10']);
    leave(slow);
  }, 60_000);

  it.each([
    [LISTS, 'disbursements'],
    [AUDIT, 'audit'],
  ])('of %s is broken off when its client takes nothing', async (path, kind) => {
    const slow = [await stalledDownload(own, path), await stalledDownload(own, path)];
    await areTold(slow.map(() => tellsOf(kind, 'the client took nothing for 1.5 s')));
    await nobodyIsConnected(own);
    for (const response of slow) await expect(restOf(response)).rejects.toThrow('aborted');
    expect(await statusOf(own, path)).toEqual([200, null]);
  });

  it.each([LISTS, AUDIT])(
    'of %s goes on with a client that takes a little all the while',
    async (path) => {
      const response = await stalledDownload(own, path);
      const startedAt = performance.now();
      let bytes = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        const dueMs = bytes / 4_000;
        if (startedAt + dueMs > performance.now() + 50) await pause(startedAt + dueMs - performance.now());
      }
      expect(response.complete).toBe(true);
      expect(performance.now() - startedAt).toBeGreaterThan(STALL_MS * 2);
      expect(server.logs).toEqual([]);
    },
    60_000,
  );

  it('goes on when it is the database that takes its time', async () => {
    const response = await withWalletsLocked(async () => {
      const waiting = await stalledDownload(own, LISTS);
      await pause(STALL_MS * 2);
      return waiting;
    });
    expect(await restOf(response)).toHaveLength(ROWS);
    expect(server.logs).toEqual([]);
  }, 60_000);

  it('leaves PostgreSQL nothing to do when its client leaves before the first row', async () => {
    const working = `SELECT FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT%' AND datname = current_database()`;
    await withWalletsLocked(async () => {
      const response = await stalledDownload(own, LISTS);
      await server.waitsForLock();
      response.destroy();
      await nobodyIsConnected(own);
      const deadline = Date.now() + 15_000;
      while ((await server.sql(working)).length > 0 && Date.now() < deadline) await pause(100);
      expect(await server.sql(working)).toEqual([]);
    });
  }, 60_000);

  /** Nothing that names wallet providers comes to an end meanwhile. */
  async function withWalletsLocked<T>(work: () => Promise<T>): Promise<T> {
    await own.token();
    const locking = new Client({ connectionString: server.database.superuserUrl });
    await locking.connect();
    try {
      await locking.query('BEGIN; LOCK TABLE catalogue.wallets');
      return await work();
    } finally {
      await locking.end();
    }
  }

  it('is broken off after its time, though its client takes a little all the while', async () => {
    const strict = await TestServer.start({ EXPORT_SECONDS_MAX: '2' });
    try {
      const slow = await worldOfRows(strict);
      const response = await stalledDownload(slow, LISTS);
      const taking = (async (): Promise<void> => {
        for await (const _chunk of response) await pause(80);
      })();
      await expect(taking).rejects.toThrow('aborted');
      await nobodyIsConnected(slow);
      const message = 'an export was broken off: it was not through after 2 s';
      await areTold([expect.objectContaining({ message })], strict);
    } finally {
      await strict.stop();
    }
  }, 60_000);

  /** A connection over which this was asked, in these words, and nothing is read. */
  async function spoken(...requests: readonly (readonly [path: string, version: string])[]): Promise<Socket> {
    const token = await own.token();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).pause();
    const heads = requests.map(
      ([path, version]) =>
        `GET ${path} HTTP/${version}\r\nHost: staff.test\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    socket.write(heads.join(''));
    return socket;
  }

  it('does not look whole when it is broken off, to who asks by HTTP/1.0 either', async () => {
    const socket = await spoken([LISTS, '1.0']);
    await areTold([tellsOf('disbursements', 'the client took nothing for 1.5 s')]);
    await nobodyIsConnected(own);
    const ended = once(socket, 'end').then(
      () => 'as if whole',
      (error: unknown) => fieldOf(error, 'code'),
    );
    socket.resume();
    expect(await ended).toBe('ECONNRESET');
  });

  it('takes no place behind another answer of the same connection', async () => {
    const socket = await spoken([LISTS, '1.1'], [LISTS, '1.1']);
    try {
      await once(socket, 'readable');
      expect(await statusOf(own, LISTS)).toEqual([200, null]);
      // Longer than the second one waits for its turn, as the first may be through at any moment.
      await pause(300);
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
      const deadline = Date.now() + 20_000;
      while (!text.includes('HTTP/1.1 429') && Date.now() < deadline) await pause(20);
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 429']);
    } finally {
      socket.destroy();
    }
  }, 60_000);
});
