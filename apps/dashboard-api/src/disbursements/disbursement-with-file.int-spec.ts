import { Client } from 'pg';

import type { Reply } from '../testing/test-server';
import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

const PEOPLE = 2_500;
const PATIENCE_MS = 60_000;
const LOOK_MS = 20;

jest.setTimeout(120_000);

describe('a disbursement that is made with its file', () => {
  let world: UploadWorld;
  let holder: Client;

  beforeAll(async () => {
    world = await openUploadWorld();
    holder = new Client({ connectionString: world.server.database.superuserUrl });
    await holder.connect();
  });
  afterAll(async () => {
    await holder.end();
    await world.server.stop();
  });

  const create = async (data: object, content: string): Promise<Reply> => {
    const body = new FormData();
    body.append('data', JSON.stringify(data));
    body.append('file', new Blob([content]), 'people.csv');
    return await world.server.call('POST', '/disbursements', { token: world.token, body });
  };
  const order = (name: string): Record<string, string> => ({
    name,
    asset_id: world.assetId,
    wallet_id: world.walletId,
    registration_contact_type: 'PHONE_NUMBER',
    verification_field: 'DATE_OF_BIRTH',
  });
  const count = async (of: string, ...values: unknown[]): Promise<number> => {
    const [row] = await world.server.sql(`SELECT count(*)::int AS n FROM ${of}`, values);
    return Number(row?.['n']);
  };
  const storedFrom = (from: number): Promise<number> =>
    count(
      'receivers.receivers WHERE phone_number >= $1 AND phone_number < $2',
      phone(from),
      phone(from + PEOPLE),
    );
  const listed = async (q: string): Promise<unknown> => {
    const { body } = await world.server.call('GET', `/receivers?q=${encodeURIComponent(q)}`, {
      token: world.token,
    });
    return (body as { pagination: { total: number } }).pagination.total;
  };
  const until = async (what: string, look: () => Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`never: ${what}`);
  };

  /** Somebody is about to take its name, so that its publication waits when all its people are stored. */
  async function waiting(name: string, from: number): Promise<{ readonly reply: Promise<Reply> }> {
    await holder.query('BEGIN');
    await holder.query(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, registration_contact_type, verification_field)
       VALUES ($1, gen_random_uuid(), $2, $3, $4, 'PHONE_NUMBER', 'PIN')`,
      [world.tenant.id, name, world.assetId, world.walletId],
    );
    const reply = create(order(name), phoneFile(PEOPLE, '3', from));
    await until('all its people are stored', async () => (await storedFrom(from)) === PEOPLE);
    await world.server.waitsForLock();
    return { reply };
  }

  it('is READY in the answer, and its file is published', async () => {
    const reply = await create(order('in one piece'), phoneFile(2, '3', 6_000));
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      name: 'in one piece',
      status: 'READY',
      file_name: 'people.csv',
      total_payments: 2,
      total_amount: '6.0000000',
    });
    const { id } = reply.body as { id: string };
    const job = await world.server.call('GET', `/disbursements/${id}/upload`, { token: world.token });
    expect(job.body).toMatchObject({ state: 'PUBLISHED', rows_valid: 2 });
  });

  it('is not there when the file is refused, nor anything of that', async () => {
    const jobs = await count('disbursements.upload_jobs');
    const parts = await count('disbursements.upload_parts');
    const bad = await create(order('bad file'), phoneFile(2, '-3', 6_000));
    expect(bad.status).toBe(400);
    expect(bad.body).toMatchObject({ extras: { 'line 2 - amount': expect.any(String) as string } });
    const fields = await create({ ...order('x'), verification_field: 'SHOE_SIZE' }, phoneFile(1));
    expect(fields.body).toMatchObject({ extras: { verification_field: expect.any(String) as string } });
    expect(await count(`disbursements.disbursements WHERE name = 'bad file'`)).toBe(0);
    expect(await count('disbursements.upload_jobs')).toBe(jobs);
    expect(await count('disbursements.upload_parts')).toBe(parts);
  });

  it('makes nobody wait for its people before it is there, and shows none of them', async () => {
    const { reply } = await waiting('patient', 20_000);
    expect(await listed(phone(20_001))).toBe(0);
    const other = await world.disbursement();
    expect((await world.upload(other, phoneFile(10, '1', 20_000))).body).toEqual(UPLOADED);
    expect(await listed(phone(20_001))).toBe(1);
    expect(await listed(phone(20_011))).toBe(0);
    await holder.query('ROLLBACK');
    expect((await reply).status).toBe(201);
    expect(await listed(phone(20_011))).toBe(1);
    expect(await storedFrom(20_000)).toBe(PEOPLE);
    expect(
      await count(
        'receivers.receiver_wallets w JOIN receivers.receivers r ON r.id = w.receiver_id WHERE r.phone_number = $1',
        phone(20_001),
      ),
    ).toBe(1);
  });

  it('is not there when somebody takes its name meanwhile, and its people are swept', async () => {
    const parts = await count('disbursements.upload_parts');
    const { reply } = await waiting('taken', 40_000);
    await holder.query('COMMIT');
    const { status, body } = await reply;
    expect([status, body]).toEqual([409, { error: 'disbursement already exists' }]);
    await world.server.app.get(UploadSweep).run();
    expect(await storedFrom(40_000)).toBe(0);
    expect(await count('disbursements.upload_jobs WHERE settled_at IS NULL')).toBe(0);
    expect(await count('disbursements.upload_parts')).toBe(parts);
  });

  it('is answered, and keeps the bytes of its file, also where something fails right after it is there', async () => {
    await world.server.sql(
      `CREATE FUNCTION disbursements.refuse_to_settle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
       CREATE TRIGGER broken BEFORE UPDATE ON disbursements.upload_jobs FOR EACH ROW
         WHEN (NEW.settled_at IS NOT NULL) EXECUTE FUNCTION disbursements.refuse_to_settle()`,
    );
    const content = phoneFile(3, '3', 60_000);
    const made = await create(order('half a failure'), content);
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ status: 'READY' })]);
    const later = await world.disbursement();
    expect((await world.upload(later, content)).body).toEqual(UPLOADED);
    await world.server.sql('DROP TRIGGER broken ON disbursements.upload_jobs');
    // The clock takes over what nothing was heard of for a while.
    await world.server.sql(`UPDATE disbursements.upload_jobs SET beat_at = now() - interval '1 hour'`);
    await world.server.app.get(UploadSweep).run();
    expect(await count('disbursements.upload_jobs WHERE settled_at IS NULL')).toBe(0);
    for (const id of [(made.body as { id: string }).id, later]) {
      const file = await world.server.call('GET', `/disbursements/${id}/instructions`, {
        token: world.token,
      });
      expect([file.status, file.text]).toEqual([200, content]);
    }
  });

  it('is not told to be there when the publication cannot be committed, nor is a file', async () => {
    await world.server.sql(
      `CREATE FUNCTION disbursements.refuse_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no commit'; END $$;
       CREATE CONSTRAINT TRIGGER no_commit AFTER UPDATE ON disbursements.upload_jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
         WHEN (NEW.state = 'PUBLISHED') EXECUTE FUNCTION disbursements.refuse_commit()`,
    );
    const content = phoneFile(3, '3', 70_000);
    const later = await world.disbursement();
    const answers = [await create(order('uncommitted'), content), await world.upload(later, content)];
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    await world.server.sql('DROP TRIGGER no_commit ON disbursements.upload_jobs');
    expect(await count(`disbursements.disbursements WHERE name = 'uncommitted'`)).toBe(0);
    expect(await world.read(later)).toMatchObject({ status: 'DRAFT', count_draft: 0 });
    expect(await storedFrom(70_000)).toBe(0);
    expect((await world.upload(later, content)).body).toEqual(UPLOADED);
  });
});
