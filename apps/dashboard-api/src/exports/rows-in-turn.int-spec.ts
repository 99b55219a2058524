import type { PaymentQuery } from '../payments/payment-query';
import { DisbursementWorld } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { nobodyIsConnected, restOf, stalledDownload } from '../testing/slow-download';
import { TestServer } from '../testing/test-server';
import { CsvExportReadModel } from './csv-export.read-model';
import { paymentExport } from './payment-export';
import { RowsInTurn } from './rows-in-turn';

/** Four batches, and more bytes than a client holds that takes none of them. */
const PAYMENTS = 55_000;
const PEOPLE = 700;
const PATH = '/exports/payments';
const EVERYTHING: PaymentQuery = {
  page: { page: 1, pageLimit: 20, offset: 0 },
  sort: 'updated_at',
  direction: 'desc',
  text: null,
  status: null,
  type: null,
  receiverId: null,
  created: { from: null, until: null },
};
/** Also what has computed its rows and waits for its turn. */
const EXPORTING = `SELECT pid, query FROM pg_stat_activity WHERE query LIKE 'COPY (%' AND state <> 'idle' AND datname = current_database()`;

describe('an export of many payments', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    own = await fundedWorld(server);
    await addPayments();
  }, 120_000);
  afterAll(() => server.stop());

  /** Hundreds share each moment, so that batches end among payments of the same moment. */
  async function addPayments(): Promise<void> {
    const { tenant, walletId, assetId } = own;
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
       SELECT $1, uuidv7(), '+2547' || (30000000 + n), 'P-' || n FROM generate_series(1, ${String(PEOPLE)}) n`,
      [tenant.id],
    );
    await server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id)
       SELECT tenant_id, uuidv7(), id, $2 FROM receivers.receivers WHERE tenant_id = $1`,
      [tenant.id, walletId],
    );
    await server.sql(
      `WITH people AS (SELECT row_number() OVER () AS n, receiver_id, id AS wallet FROM receivers.receiver_wallets WHERE tenant_id = $1)
       INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status,
         external_payment_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), 'DIRECT', receiver_id, wallet, $2, k, CASE WHEN k % 3 = 0 THEN 'FAILED' ELSE 'READY' END,
              'a payment that is known elsewhere as number ' || k,
              timestamptz '2026-02-01' + k % 150 * interval '0.000007 s', timestamptz '2026-03-01' + k % 170 * interval '0.000003 s'
         FROM generate_series(1, ${String(PAYMENTS)}) k JOIN people ON people.n = 1 + k % ${String(PEOPLE)}`,
      [tenant.id, assetId],
    );
    await server.sql('ANALYZE disbursements.payments, receivers.receivers, receivers.receiver_wallets');
  }

  const exported = async (query = ''): Promise<readonly string[]> => {
    const { status, text } = await own.call('GET', PATH + query);
    expect(status).toBe(200);
    return text.split('\r\n').slice(1, -1);
  };

  const exporting = async (count: number): Promise<readonly Record<string, unknown>[]> => {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const rows = await server.sql(EXPORTING);
      if (rows.length === count || Date.now() > deadline) {
        expect(rows).toHaveLength(count);
        return rows;
      }
      await new Promise((resume) => setTimeout(resume, 20));
    }
  };

  it.each([
    ['updated_at', 'desc', ''],
    ['updated_at', 'asc', 'FAILED'],
    ['created_at', 'asc', ''],
    ['created_at', 'desc', 'FAILED'],
  ])(
    'has each payment once, by %s %s, over all batches (%s)',
    async (sort, direction, status) => {
      const ordered = await server.sql(
        `SELECT p.id, r.phone_number, p.external_payment_id FROM disbursements.payments p
           JOIN receivers.receivers r ON r.id = p.receiver_id
          WHERE p.tenant_id = $1 AND ($2 = '' OR p.status = $2) ORDER BY p.${sort} ${direction}, p.id ${direction}`,
        [own.tenant.id, status],
      );
      const filter = status === '' ? '' : `&status=${status}`;
      const found = await exported(`?sort=${sort}&direction=${direction}${filter}`);
      const cells = found.map((line) => line.split(',')).map((row) => [row[0], row[10], row[17]].join());
      // One comparison of texts: a difference of thousands of rows would take minutes to print.
      const expected = ordered.map((row) => Object.values(row).join());
      expect([cells.length, cells.join('\n') === expected.join('\n')]).toEqual([expected.length, true]);
    },
    60_000,
  );

  it('takes the other filters too', async () => {
    expect(await exported('?type=disbursement')).toEqual([]);
    expect(await exported('?type=direct&status=failed')).toHaveLength(Math.floor(PAYMENTS / 3));
    expect(await exported('?created_at_after=2026-02-02')).toEqual([]);
    const one = await exported('?q=number%2054321');
    expect(one).toHaveLength(1);
    const receiver = String(one[0]?.split(',')[9]);
    expect((await exported(`?receiver_id=${receiver}`)).length).toBeGreaterThan(70);
  });

  it('shows one moment on two connections, whatever is committed before the last batch', async () => {
    const before = await exported();
    const response = await stalledDownload(own, PATH);
    await exporting(2);
    await server.sql(
      `UPDATE disbursements.payments SET amount = amount + 1, status = 'CANCELED', updated_at = now()`,
    );
    const lines = await restOf(response);
    expect([lines.length, lines.join('\n') === before.join('\n')]).toEqual([PAYMENTS, true]);
    expect((await exported()).every((line) => line.split(',')[3] === 'CANCELED')).toBe(true);
  }, 60_000);

  it('gives both connections back when the client leaves in the middle', async () => {
    const response = await stalledDownload(own, PATH);
    await exporting(2);
    response.destroy();
    await exporting(0);
    await nobodyIsConnected(own);
    expect(await exported()).toHaveLength(PAYMENTS);
  }, 60_000);

  it('goes on with one connection where a second would be missed, with the same bytes', async () => {
    const with2 = await exported();
    await nobodyIsConnected(own);
    const { database } = server.platform;
    const others = await Promise.all([database.connect(), database.connect()]);
    try {
      const response = await stalledDownload(own, PATH);
      const { totalCount, idleCount } = database.pool;
      expect(totalCount - idleCount).toBe(3);
      await exporting(1);
      const lines = await restOf(response);
      expect(lines.join('\n') === with2.join('\n')).toBe(true);
    } finally {
      for (const other of others) other.release();
    }
  }, 60_000);

  it.each([0, 1])('ends with an error when PostgreSQL ends its connection %i', async (victim) => {
    const { rows, values } = paymentExport(own.tenant.id, EVERYTHING);
    if (typeof rows === 'string') throw new Error('all payments are read in batches');
    const context = { tenantId: own.tenant.id, actor: 'user:an-auditor', trace: '' };
    let count = 0;
    const read = server.platform.unitOfWork.look(context, async (first, second) => {
      if (second === null) throw new Error('there are connections enough');
      const connections = [first, second];
      const inTurn = new RowsInTurn(new CsvExportReadModel({ longestMs: 60_000 }), connections, {
        rows,
        values,
      });
      const pids = await Promise.all(connections.map((tx) => tx.query('SELECT pg_backend_pid() AS pid')));
      try {
        // Both are needed again, for the third and the fourth batch.
        for await (const chunk of inTurn.read()) {
          if (count === 0)
            await server.sql('SELECT pg_terminate_backend($1::int, 5000)', [pids[victim]?.[0]?.['pid']]);
          count += chunk.toString().split('\n').length - 1;
        }
      } finally {
        await inTurn.end();
      }
    });
    await expect(read).rejects.toThrow(/terminat|clos|connection/i);
    expect(count).toBeLessThan(PAYMENTS);
    await nobodyIsConnected(own);
    expect(await exported()).toHaveLength(PAYMENTS);
  });

  it('is broken off, and looks like it, when PostgreSQL ends its connections', async () => {
    // More than fits between PostgreSQL and a client that takes nothing, wherever the connections are in their turns.
    await server.sql('ALTER TABLE catalogue.wallets DROP CONSTRAINT wallets_name_check');
    await server.sql(`UPDATE catalogue.wallets SET name = repeat('x', 1000) || id`);
    const response = await stalledDownload(own, PATH);
    const rows = await exporting(2);
    for (const { pid } of rows) await server.sql('SELECT pg_terminate_backend($1::int, 5000)', [pid]);
    await expect(restOf(response)).rejects.toThrow('aborted');
    await exporting(0);
    const message = 'an export was broken off: its rows were not read';
    expect(server.logs).toEqual([expect.objectContaining({ kind: 'payments', message })]);
    expect(await exported()).toHaveLength(PAYMENTS);
  }, 60_000);
});
