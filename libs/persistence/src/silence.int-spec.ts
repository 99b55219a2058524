import { setTimeout as pause } from 'node:timers/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';

import { newId } from '@libs/kernel';
import { type TestDatabase, testDatabase } from '@libs/testing';

import { Database } from './database';
import { UnitOfWork } from './unit-of-work';

const LIMITS = { statementTimeoutMs: 1_000, silenceMarginMs: 600 };
const context = { tenantId: newId(), actor: 'system:test', trace: '' };

/** A network between this process and PostgreSQL that can begin to swallow what is sent, and tells nobody. */
class Network {
  swallows = false;
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async before(url: string): Promise<{ network: Network; url: string }> {
    const to = new URL(url);
    const { hostname, port } = to;
    const server = createServer();
    const network = new Network(server);
    server.on('connection', (near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        network.sockets.add(socket);
        socket.on('error', () => undefined);
      }
      near.on('data', (bytes) => network.pass(bytes, far));
      far.on('data', (bytes) => network.pass(bytes, near));
      near.on('close', () => far.destroy());
      far.on('close', () => {
        if (!network.swallows) near.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    to.hostname = '127.0.0.1';
    to.port = String(address.port);
    return { network, url: to.toString() };
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private pass(bytes: Buffer, to: Socket): void {
    if (!this.swallows) to.write(bytes);
  }
}

describe('a network that swallows bytes', () => {
  let testing: TestDatabase;
  let network: Network;
  let database: Database;
  let unit: UnitOfWork;

  beforeAll(async () => {
    testing = await testDatabase();
  });
  afterAll(() => testing.drop());

  beforeEach(async () => {
    const way = await Network.before(testing.url('dashboardApi'));
    network = way.network;
    database = new Database({ url: way.url, applicationName: 'test', connectionsMax: 1, ...LIMITS });
    unit = new UnitOfWork(database);
  });
  afterEach(async () => {
    network.close();
    await database.close();
  });

  it('ends a statement that gets no answer, and its connection is replaced when the network is back', async () => {
    const startedAt = performance.now();
    const cut = unit.run(context, async (tx) => {
      network.swallows = true;
      await tx.query('SELECT 1');
    });
    await expect(cut).rejects.toThrow('PostgreSQL has said nothing for 2 s: the connection counts as lost');
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    network.swallows = false;
    await expect(unit.run(context, (tx) => tx.query('SELECT 2 AS two'))).resolves.toEqual([{ two: 2 }]);
  });

  it('ends a COPY that is never confirmed, and a lone query of the pool', async () => {
    const cut = unit.run(context, async (tx) => {
      await tx.execute('CREATE TEMP TABLE rows (line text) ON COMMIT DROP');
      const copy = tx.copyFrom('COPY rows FROM STDIN');
      copy.write('one\n');
      await pause(100);
      network.swallows = true;
      copy.end('two\n');
      await finished(copy);
    });
    await expect(cut).rejects.toThrow('PostgreSQL has said nothing');
    network.swallows = false;
    await database.pool.query('SELECT 1');
    network.swallows = true;
    await expect(database.pool.query('SELECT 1')).rejects.toThrow('PostgreSQL has said nothing');
  });

  it('does not keep a process from ending: a goodbye needs no answer', async () => {
    await database.pool.query('SELECT 1');
    network.swallows = true;
    const startedAt = performance.now();
    await database.close();
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    database = new Database({ url: testing.url('dashboardApi'), applicationName: 'test' });
  });
});

describe('a process that froze in the middle of a database transaction', () => {
  it('keeps its locks no longer than it may be idle, and what it wrote is not kept', async () => {
    const testing = await testDatabase();
    const options = { url: testing.url('dashboardApi'), applicationName: 'test', connectionsMax: 1 };
    const frozen = new Database({ ...options, idleInTransactionMs: 3_000 });
    // Less than PostgreSQL would wait for anybody.
    const other = new Database({ ...options, statementTimeoutMs: 45_000 });
    const lock = 'SELECT pg_advisory_xact_lock(42)';
    const wakesUp = Promise.withResolvers<undefined>();
    const holds = Promise.withResolvers<undefined>();
    const woken = new UnitOfWork(frozen).run(context, async (tx) => {
      await tx.query(lock);
      holds.resolve(undefined);
      await wakesUp.promise;
      await tx.query('SELECT 1');
    });
    await Promise.race([holds.promise, woken]);
    await new UnitOfWork(other).run(context, (tx) => tx.query(lock));
    wakesUp.resolve(undefined);
    await expect(woken).rejects.toThrow();
    await frozen.close();
    await other.close();
    await testing.drop();
  }, 180_000);
});

describe('a slow database', () => {
  it('is waited for as long as the work was allowed to take, and connections may rest', async () => {
    const testing = await testDatabase();
    const database = new Database({
      url: testing.url('dashboardApi'),
      applicationName: 'test',
      connectionsMax: 1,
      ...LIMITS,
    });
    const unit = new UnitOfWork(database);
    const slow = 'SELECT pg_sleep(2.5)';
    const pidOf = async (): Promise<unknown> =>
      await unit.run(context, (tx) => tx.query('SELECT pg_backend_pid() AS pid'));
    const before = await pidOf();
    await unit.run(context, async (tx) => {
      await tx.takeTime(30_000);
      await tx.query(slow);
      // Nothing is due: the process may think about it as long as it wants.
      await pause(2_500);
      await tx.execute('CREATE TEMP TABLE rows (line text) ON COMMIT DROP');
      const copy = tx.copyFrom('COPY rows FROM STDIN');
      for (let line = 0; line < 5; line += 1) {
        copy.write(`${String(line)}\n`);
        await pause(500);
      }
      copy.end();
      await finished(copy);
    });
    await pause(2_500);
    expect(await pidOf()).toEqual(before);
    // The allowance ends with its database transaction, and PostgreSQL's own limit is the first to tell.
    await expect(unit.run(context, (tx) => tx.query(slow))).rejects.toThrow('statement timeout');
    await database.close();
    await testing.drop();
  }, 60_000);
});
