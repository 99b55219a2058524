import { UploadSettlement, UploadStores } from '@libs/disbursements';
import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

import { openUploadWorld, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

/** Each takes two database transactions, and an organisation has a hundred in a run. */
const MANY = 80;
const FEW = 3;

jest.setTimeout(120_000);

describe('the sweep of what uploads leave', () => {
  let world: UploadWorld;
  let superuser: Client;
  let others: Database;
  let replicas: readonly [UploadSweep, UploadSweep];
  let woken: number;

  beforeAll(async () => {
    world = await openUploadWorld();
    const { database, app, platform } = world.server;
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    others = new Database({ url: platform.settings.DATABASE_URL, applicationName: 'another replica' });
    const stores = app.get(UploadStores);
    const parts = { stores, settlement: new UploadSettlement(stores), logger: silentLogger };
    replicas = [app.get(UploadSweep), new UploadSweep({ ...parts, unitOfWork: new UnitOfWork(others) })];
  });
  beforeEach(() => {
    woken = 0;
    for (const replica of replicas) replica.wake = () => void (woken += 1);
  });
  afterAll(async () => {
    await others.close();
    await superuser.end();
    await world.server.stop();
  });

  /** An organisation with so many replaced uploads, of which no payment is there any more. */
  async function replaced(
    tenantId: string,
    uploads: number,
    sql: (text: string, values: unknown[]) => Promise<unknown> = (text, values) =>
      superuser.query(text, values),
  ): Promise<void> {
    await sql(
      `INSERT INTO disbursements.hidden_rows (tenant_id, id, disbursement_id, why)
       SELECT $1, uuidv7(), uuidv7(), 'REPLACED' FROM generate_series(1, $2)`,
      [tenantId, uploads],
    );
  }
  const remaining = async (tenantId: string): Promise<number> => {
    const { rows } = await superuser.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM disbursements.hidden_rows WHERE tenant_id = $1',
      [tenantId],
    );
    return rows[0]?.n ?? -1;
  };
  const paymentsOf = async (id: string): Promise<number> => {
    const { rows } = await superuser.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM disbursements.payments WHERE disbursement_id = $1',
      [id],
    );
    return rows[0]?.n ?? -1;
  };

  const waiting = async (): Promise<number> =>
    (
      await world.server.sql(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).length;

  it('ends the turn of an organisation with much, comes to the others in the same run, and goes on soon', async () => {
    const [large, small] = [newId(), newId()].sort() as [string, string];
    await replaced(large, MANY);
    await replaced(small, FEW);
    await replicas[0].run();
    expect([await remaining(large), await remaining(small), woken]).toEqual([MANY - 50, 0, 1]);
    await replicas[1].run();
    expect([await remaining(large), woken]).toEqual([0, 1]);
    await replicas[0].run();
    expect(woken).toBe(1);
  });

  it('leaves an organisation to the replica that is at work in it, and waits for nobody', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(FEW, '1', 700_000))).body).toEqual(UPLOADED);
    await superuser.query(
      `INSERT INTO disbursements.hidden_rows (tenant_id, id, disbursement_id, why)
       SELECT tenant_id, current_upload_id, id, 'REPLACED' FROM disbursements.disbursements WHERE id = $1`,
      [id],
    );
    const elsewhere = newId();
    await superuser.query('BEGIN');
    await superuser.query('SELECT FROM disbursements.payments WHERE disbursement_id = $1 FOR UPDATE', [id]);
    const first = replicas[0].run();
    await world.server.waitsForLock();
    // Not by the one who holds the lock: nobody would see it yet.
    await replaced(elsewhere, FEW, (text, values) => world.server.sql(text, values));
    const ended: string[] = [];
    const second = replicas[1].run().then(() => ended.push('before the lock was free'));
    while (ended.length === 0 && (await waiting()) < 2) await pause(10);
    const left = [await remaining(world.tenant.id), await remaining(elsewhere)];
    ended.push('the lock is free');
    await superuser.query('COMMIT');
    await Promise.all([first, second]);
    expect([ended[0], left]).toEqual(['before the lock was free', [1, 0]]);
    await replicas[0].run();
    expect([await paymentsOf(id), await remaining(world.tenant.id), await remaining(elsewhere)]).toEqual([
      0, 0, 0,
    ]);
  });

  it('takes the rows of a deleted draft away at once where they are few, and in its own turn where they are many', async () => {
    const [small, large] = [await world.disbursement(), await world.disbursement()];
    expect((await world.upload(small, phoneFile(FEW, '1', 710_000))).body).toEqual(UPLOADED);
    expect((await world.upload(large, phoneFile(1_001, '1', 720_000))).body).toEqual(UPLOADED);
    for (const id of [small, large]) {
      const { status } = await world.server.call('DELETE', `/disbursements/${id}`, { token: world.token });
      expect(status).toBe(200);
    }
    expect([await paymentsOf(small), await paymentsOf(large), woken]).toEqual([0, 1_001, 1]);
    await replicas[0].run();
    expect(await paymentsOf(large)).toBe(0);
  });

  it('leaves a published upload to the process that published it, as long as that is heard of', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(FEW, '1', 730_000))).body).toEqual(UPLOADED);
    const unsettle = (ago: string): Promise<unknown> =>
      superuser.query(
        `UPDATE disbursements.upload_jobs SET settled_at = NULL, beat_at = now() - $2::interval WHERE disbursement_id = $1`,
        [id, ago],
      );
    const isSettled = async (): Promise<unknown> =>
      (
        await superuser.query<{ is: boolean }>(
          'SELECT settled_at IS NOT NULL AS is FROM disbursements.upload_jobs WHERE disbursement_id = $1',
          [id],
        )
      ).rows[0]?.is;
    await unsettle('5 seconds');
    await replicas[0].run();
    expect(await isSettled()).toBe(false);
    await unsettle('1 minute');
    await replicas[0].run();
    expect(await isSettled()).toBe(true);
  });

  it('goes on in the next process where the last one kept its place', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(1_200, '1', 740_000))).body).toEqual(UPLOADED);
    await superuser.query(
      `UPDATE receivers.receiver_wallets SET status = 'READY', invitation_sent_at = now() - interval '1 day'
        WHERE id IN (SELECT receiver_wallet_id FROM disbursements.payments WHERE disbursement_id = $1)`,
      [id],
    );
    await superuser.query(
      `UPDATE disbursements.upload_jobs
          SET settled_at = NULL, beat_at = now() - interval '1 minute',
              settled_to = jsonb_build_object('of', 'invitations', 'from', (
                SELECT id FROM disbursements.payments WHERE disbursement_id = $1 ORDER BY id LIMIT 1 OFFSET 199))
        WHERE disbursement_id = $1`,
      [id],
    );
    await replicas[1].run();
    const { rows } = await superuser.query<{ again: number }>(
      `SELECT count(*)::int AS again FROM receivers.receiver_wallets WHERE invitation_sent_at IS NULL
          AND id IN (SELECT receiver_wallet_id FROM disbursements.payments WHERE disbursement_id = $1)`,
      [id],
    );
    expect(rows[0]?.again).toBe(1_000);
  });

  /** An upload that ended so, with some of its bytes. */
  async function ended(state: string, more: string): Promise<string> {
    const id = newId();
    await superuser.query(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, ended_at, brought_people, kept_until)
       VALUES ($1, $2, $3, 'system:test', $4, now(), ${more})`,
      [world.tenant.id, newId(), id, state],
    );
    await superuser.query(
      `INSERT INTO disbursements.upload_parts (tenant_id, upload_id, part, content) VALUES ($1, $2, 0, '')`,
      [world.tenant.id, id],
    );
    return id;
  }
  const endOf = async (id: string): Promise<unknown> =>
    (
      await superuser.query<object>(
        `SELECT settled_at IS NOT NULL AS settled, settled_to->>'of' AS reached,
                (SELECT count(*)::int FROM disbursements.upload_parts p WHERE p.upload_id = j.id) AS parts
           FROM disbursements.upload_jobs j WHERE id = $1`,
        [id],
      )
    ).rows[0];

  it('keeps the bytes of a refused file for whoever mends it, although its people go', async () => {
    const id = await ended('REFUSED', `true, now() + interval '1 hour'`);
    await replicas[0].run();
    expect(await endOf(id)).toEqual({ settled: true, reached: 'people', parts: 1 });
    await superuser.query('UPDATE disbursements.upload_jobs SET kept_until = now() WHERE id = $1', [id]);
    await replicas[0].run();
    expect(await endOf(id)).toMatchObject({ settled: true, parts: 0 });
  });

  it('looks for nobody whom an upload brought that brought nobody', async () => {
    const id = await ended('LOST', 'false, NULL');
    await replicas[0].run();
    expect(await endOf(id)).toEqual({ settled: true, reached: null, parts: 0 });
  });
});
