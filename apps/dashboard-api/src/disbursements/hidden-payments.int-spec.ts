import { DisbursementMoves, UploadStores } from '@libs/disbursements';
import { APP_ROLES, type TenantContext, UnitOfWork } from '@libs/persistence';
import { Client } from 'pg';

import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

/** They are taken away by a thousand. */
const MANY = 1_200;
const FEW = 3;
const FROM = 300_000;

jest.setTimeout(120_000);

describe('payments that nobody sees', () => {
  let world: UploadWorld;
  let superuser: Client;
  let context: TenantContext;
  let calls = 0;

  beforeAll(async () => {
    world = await openUploadWorld();
    context = { tenantId: world.tenant.id, actor: 'system:test', trace: '' };
    superuser = new Client({ connectionString: world.server.database.superuserUrl });
    await superuser.connect();
    await superuser.query(
      `CREATE FUNCTION disbursements.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$`,
    );
  });
  afterAll(async () => {
    await superuser.end();
    await world.server.stop();
  });

  const call = async (method: string, path: string, json?: object) => {
    calls += 1;
    const headers = { 'x-forwarded-for': `10.12.${String(calls >> 8)}.${String(calls & 255)}` };
    return await world.server.call(method, path, { token: world.token, headers, ...(json && { json }) });
  };
  const totalOf = async (path: string): Promise<unknown> => {
    const { status, body } = await call('GET', `${path}${path.includes('?') ? '&' : '?'}page_limit=1`);
    return status === 200 ? (body as { pagination: { total: number } }).pagination.total : status;
  };
  const rowsOf = async (table: string, where = 'true'): Promise<number> => {
    const { rows } = await superuser.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM disbursements.${table} WHERE tenant_id = $1 AND ${where}`,
      [world.tenant.id],
    );
    return rows[0]?.n ?? -1;
  };
  /** Whatever takes payments away dies at the first one. */
  async function whileNothingGoes(work: () => Promise<void>): Promise<void> {
    await superuser.query(
      'CREATE TRIGGER keep BEFORE DELETE ON disbursements.payments FOR EACH ROW EXECUTE FUNCTION disbursements.keep()',
    );
    await work();
    await superuser.query('DROP TRIGGER keep ON disbursements.payments');
    world.server.logs.length = 0;
  }
  const seen = async (id: string, ofBefore: string): Promise<object> => ({
    listed: await totalOf('/payments?type=DISBURSEMENT'),
    inTime: await totalOf('/payments?created_at_after=2020-01-01'),
    found: await totalOf('/payments?q=PAY-1199'),
    people: await totalOf(`/disbursements/${id}/receivers`),
    disbursement: ((await call('GET', `/disbursements/${id}`)).body as Record<string, unknown>)[
      'total_payments'
    ],
    one: (await call('GET', `/payments/${ofBefore}`)).status,
    exported: (await call('GET', '/exports/payments')).text.trimEnd().split('\n').length - 1,
    counted: (
      (await call('GET', '/statistics')).body as { payment_counters: { draft: unknown; total: unknown } }
    ).payment_counters.total,
  });
  const onePaymentOf = async (id: string): Promise<string> => {
    const { rows } = await superuser.query<{ id: string }>(
      'SELECT id FROM disbursements.payments WHERE disbursement_id = $1 ORDER BY id DESC LIMIT 1',
      [id],
    );
    return rows[0]?.id ?? '';
  };

  it('are those of a replaced file: the answer to the new one does not wait for them, and the clock takes them', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(MANY, '2', FROM), 'before.csv')).body).toEqual(UPLOADED);
    const before = await onePaymentOf(id);
    expect(await seen(id, before)).toEqual({
      ...{ listed: MANY, inTime: MANY, found: 1, people: MANY, disbursement: MANY },
      ...{ one: 200, exported: MANY, counted: MANY },
    });
    expect((await world.upload(id, phoneFile(FEW, '3', FROM + MANY), 'new.csv')).body).toEqual(UPLOADED);
    expect(await rowsOf('payments')).toBe(MANY + FEW);
    expect(await seen(id, before)).toEqual({
      ...{ listed: FEW, inTime: FEW, found: 0, people: FEW, disbursement: FEW },
      ...{ one: 404, exported: FEW, counted: FEW },
    });
    expect((await call('PATCH', `/payments/${before}/status`, { status: 'CANCELED' })).status).toBe(404);
    expect(await world.read(id)).toMatchObject({ count_draft: FEW, count_canceled: 0 });
    await world.server.app.get(UploadSweep).run();
    for (const [table, left] of [
      ['payments', FEW],
      ['payment_texts', FEW],
      ['upload_parts', 1],
      ['hidden_rows', 0],
    ] as const) {
      expect([table, await rowsOf(table)]).toEqual([table, left]);
    }
    expect((await call('DELETE', `/disbursements/${id}`)).status).toBe(200);
    expect([await rowsOf('payments'), await rowsOf('disbursements'), await rowsOf('uploads')]).toEqual([
      0, 0, 0,
    ]);
  });

  it('leave no bytes of their file where the draft is deleted before the clock has taken them', async () => {
    const id = await world.disbursement();
    for (const from of [FROM, FROM + FEW])
      expect((await world.upload(id, phoneFile(FEW, '2', from))).body).toEqual(UPLOADED);
    expect(await rowsOf('upload_parts')).toBe(2);
    expect((await call('DELETE', `/disbursements/${id}`)).status).toBe(200);
    await world.server.app.get(UploadSweep).run();
    expect(await rowsOf('upload_parts')).toBe(0);
  });

  it('are those of a deleted draft of any size: its name is free at once, and the clock takes its rows', async () => {
    const order = {
      name: 'Winter aid',
      asset_id: world.assetId,
      wallet_id: world.walletId,
      registration_contact_type: 'PHONE_NUMBER',
      verification_field: 'DATE_OF_BIRTH',
    };
    const { id } = (await call('POST', '/disbursements', order)).body as { id: string };
    expect((await world.upload(id, phoneFile(MANY, '2', FROM + 10_000))).body).toEqual(UPLOADED);
    const payment = await onePaymentOf(id);
    await whileNothingGoes(async () => {
      const { status, body } = await call('DELETE', `/disbursements/${id}`);
      expect([status, body]).toEqual([200, expect.objectContaining({ id, name: 'Winter aid' })]);
      expect(await rowsOf('payments')).toBe(MANY);
      expect(await seen(id, payment)).toEqual({
        ...{ listed: 0, inTime: 0, found: 0, people: 404, disbursement: undefined },
        ...{ one: 404, exported: 0, counted: 0 },
      });
      for (const path of ['', '/instructions', '/upload', '/review'])
        expect([path, (await call('GET', `/disbursements/${id}${path}`)).status]).toEqual([path, 404]);
      expect((await call('DELETE', `/disbursements/${id}`)).status).toBe(404);
      expect(await totalOf('/disbursements?q=winter')).toBe(0);
      expect((await call('POST', '/disbursements', order)).status).toBe(201);
    });
    await world.server.app.get(UploadSweep).run();
    expect([await rowsOf('payments'), await rowsOf('payment_texts'), await rowsOf('hidden_rows')]).toEqual([
      0, 0, 0,
    ]);
    expect(await rowsOf('disbursements', `id = '${id}'`)).toBe(0);
    expect(await totalOf('/disbursements?q=winter')).toBe(1);
  });

  it('stay hidden from whoever waited for the lock of the draft while it was deleted', async () => {
    const id = await world.disbursement();
    const [unitOfWork, { hidden }] = [world.server.app.get(UnitOfWork), world.server.app.get(UploadStores)];
    const waiting: Promise<unknown>[] = [];
    await unitOfWork.run(context, async (tx) => {
      expect(await hidden.removeDisbursement(tx, id)).toBe(true);
      waiting.push(unitOfWork.run(context, (other) => new DisbursementMoves().move(other, 'upload', id)));
      await world.server.waitsForLock();
    });
    expect(await Promise.all(waiting)).toEqual([false]);
    await world.server.app.get(UploadSweep).run();
    expect(await rowsOf('disbursements', `id = '${id}'`)).toBe(0);
  });

  it('go to the last one, also those that somebody writes while they go', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(FEW, '2', FROM + 15_000))).body).toEqual(UPLOADED);
    const { current_upload_id: upload } = await world.read(id);
    const payment = await onePaymentOf(id);
    await superuser.query(
      `INSERT INTO disbursements.hidden_rows (tenant_id, id, disbursement_id, why) VALUES ($1, $2, $3, 'REPLACED')`,
      [world.tenant.id, upload, id],
    );
    await superuser.query('BEGIN');
    await superuser.query('UPDATE disbursements.payments SET updated_at = now() WHERE id = $1', [payment]);
    const sweeping = world.server.app.get(UploadSweep).run();
    await world.server.waitsForLock();
    await superuser.query('COMMIT');
    await sweeping;
    expect(await rowsOf('payments', `disbursement_id = '${id}'`)).toBe(0);
    expect(await rowsOf('hidden_rows')).toBe(0);
  });

  it('are hidden from every app in the same moment while they arrive, and in reads across organisations', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(FEW, '2', FROM + 20_000))).body).toEqual(UPLOADED);
    const { current_upload_id: upload } = await world.read(id);
    const readers = [
      ...(['dashboardApi', 'recipientApi', 'disbursementCore', 'messaging'] as const).map(
        (app) => APP_ROLES[app],
      ),
      `${APP_ROLES.disbursementCore}_system`,
      'distributary_search',
    ];
    const counts = async (): Promise<Record<string, number>> => {
      const found: Record<string, number> = {};
      for (const role of readers) {
        await superuser.query('BEGIN');
        await superuser.query(`SET LOCAL ROLE ${role}`);
        await superuser.query(`SELECT set_config('app.tenant_id', $1, true)`, [world.tenant.id]);
        const { rows } = await superuser.query<{ n: number }>(
          'SELECT count(*)::int AS n FROM disbursements.payments WHERE tenant_id = $1 AND disbursement_id = $2',
          [world.tenant.id, id],
        );
        found[role] = rows[0]?.n ?? -1;
        await superuser.query('ROLLBACK');
      }
      return found;
    };
    const all = (count: number): object => Object.fromEntries(readers.map((role) => [role, count]));
    expect(await counts()).toEqual(all(FEW));
    await superuser.query(
      `INSERT INTO disbursements.hidden_rows (tenant_id, id, disbursement_id, why) VALUES ($1, $2, $3, 'ARRIVING')`,
      [world.tenant.id, upload, id],
    );
    expect(await counts()).toEqual(all(0));
    // What arrives is not the clock's to take.
    await world.server.app.get(UploadSweep).run();
    await superuser.query('DELETE FROM disbursements.hidden_rows WHERE id = $1', [upload]);
    expect(await counts()).toEqual(all(FEW));
    expect(await world.payments(id)).toHaveLength(FEW);
    expect((await world.payments(id))[0]).toMatchObject({ phone_number: phone(FROM + 20_000) });
  });
});
