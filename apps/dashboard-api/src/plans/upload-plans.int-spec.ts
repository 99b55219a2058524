import { dearStatements, readersOfWhole, type SeenPlan, seePlans, tellPlans } from '@libs/testing';

import { UploadSweep } from '../disbursements/upload-sweep.service';
import { accountOf } from '../testing/address-world';
import { addYears, phoneOfYears } from '../testing/payments-of-years';
import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';

const KNOWN = 400;
const FILE = 800;
const LARGE = 10_050;
/** Of the file, of the payments that arrive for it, and of those of the file before: what a statement about all of it reads, far fewer than are stored. */
const ROWS_OF_FILE = 3 * FILE + 50;
/** Rows of a large file that are written at once. */
const CHUNK = 1_000;
const VISITED_PER_WRITTEN = 5;
const STORED = ['payments', 'receivers', 'receiver_wallets', 'verifications'];
const WRITES_STORED = /^(INSERT INTO (receivers|disbursements)|WITH chosen)/;
const SETTLED_MS_MAX = 60_000;
const LOOK_MS = 20;

jest.setTimeout(180_000);

/** What a file of people makes the database do, from its first byte to its removal, beside the payments of years. */
describe('statements of uploads over large tables', () => {
  let world: UploadWorld;
  let seen: SeenPlan[];

  beforeAll(async () => {
    world = await openUploadWorld();
    const { server } = world;
    await addYears(server, world);
    await tellPlans(server.database, 'dashboardApi');
    seen = seePlans(server.platform.database);
    await server.connectAnew();
  });
  beforeEach(() => (seen.length = 0));
  afterAll(() => world.server.stop());

  /** Some whom years of payments know, and some who are new. */
  const file = (from: number, born: string): string =>
    [
      'phone,id,amount,verification',
      ...Array.from({ length: FILE }, (_, index) => {
        const number = index < KNOWN ? phoneOfYears(from + index) : phone(from + index);
        return `${number},P-${String(from + index)},10,${born}`;
      }),
    ].join('\n');
  const settled = async (): Promise<void> => {
    for (const end = performance.now() + SETTLED_MS_MAX; performance.now() < end;) {
      const [row] = await world.server.sql(
        `SELECT (SELECT count(*) FROM disbursements.upload_jobs WHERE settled_at IS NULL)
              + (SELECT count(*) FROM disbursements.hidden_rows) AS n`,
      );
      if (Number(row?.['n']) === 0) return;
      // As the clock does in a process that serves.
      await world.server.app.get(UploadSweep).run();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error('an upload is never settled');
  };
  function expectNoneDear(...parts: readonly string[]): void {
    for (const part of parts)
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    expect(dearStatements(seen, ROWS_OF_FILE)).toEqual([]);
    expect(readersOfWhole(STORED, seen)).toEqual([]);
  }

  it('go over what the file says and nothing else where it is published, and where another one takes its place', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, file(0, '1990-01-30'))).body).toEqual(UPLOADED);
    expect((await world.upload(id, file(0, '1991-01-30'))).body).toEqual(UPLOADED);
    await settled();
    expectNoneDear(
      'INSERT INTO receivers.receivers ',
      'INSERT INTO disbursements.payments ',
      'INSERT INTO receivers.arriving_verifications',
      'DELETE FROM disbursements.payments',
    );
  });

  it('go over no more where it brings addresses of people who are known and of new ones', async () => {
    const lines = file(6_000, '1990-01-30').split('\n').slice(1);
    const content = lines.map((line, nr) => {
      const [number = '', id = '', amount = ''] = line.split(',');
      return [number, id, amount, accountOf(nr)].join();
    });
    const id = await world.disbursement({ contactType: 'PHONE_NUMBER_AND_WALLET_ADDRESS' });
    const header = 'phone,id,amount,walletAddress';
    expect((await world.upload(id, [header, ...content].join('\n'))).body).toEqual(UPLOADED);
    await settled();
    expectNoneDear('INSERT INTO receivers.address_owners', 'DELETE FROM receivers.arriving_addresses');
  });

  it('go over no more where it comes with its disbursement', async () => {
    const form = new FormData();
    form.append(
      'data',
      JSON.stringify({
        name: 'with its file',
        asset_id: world.assetId,
        wallet_id: world.walletId,
        registration_contact_type: 'PHONE_NUMBER',
        verification_field: 'DATE_OF_BIRTH',
      }),
    );
    form.append('file', new Blob([file(2_000, '1990-01-30')]), 'people.csv');
    const reply = await world.server.call('POST', '/disbursements', { token: world.token, body: form });
    expect(reply.status).toBe(201);
    await settled();
    expectNoneDear('INSERT INTO disbursements.disbursements', 'INSERT INTO disbursements.payments ');
  });

  it('go over no more where it is only tried, or refused', async () => {
    const id = await world.disbursement();
    const form = new FormData();
    form.append('file', new Blob([file(4_000, '1990-01-30')]), 'people.csv');
    const tried = await world.server.call('POST', `/disbursements/${id}/instructions?dry_run=true`, {
      token: world.token,
      body: form,
    });
    expect(tried.status).toBe(200);
    expect((await world.upload(id, file(4_000, '1990-13-30'))).status).toBe(400);
    const errors = await world.server.call('GET', `/disbursements/${id}/upload/errors`, {
      token: world.token,
    });
    expect(errors.text.split('\n').length).toBeGreaterThan(FILE);
    expectNoneDear('INSERT INTO disbursements.upload_parts');
  });

  it('go over a thousand rows at a time where it is large, and where it is taken away', async () => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(LARGE, '2', 100_000))).status).toBe(202);
    await settled();
    const removed = await world.server.call('DELETE', `/disbursements/${id}`, { token: world.token });
    expect(removed.status).toBe(200);
    await settled();
    // Its people are found in the file by their places, so that is read twice.
    expect(dearStatements(seen, 2 * LARGE)).toEqual([]);
    expect(readersOfWhole(STORED, seen)).toEqual([]);
    const writers = seen.filter(({ statement }) => WRITES_STORED.test(statement));
    expect(writers.length).toBeGreaterThan((3 * LARGE) / CHUNK);
    expect(dearStatements(writers, VISITED_PER_WRITTEN * CHUNK)).toEqual([]);
    expect(writers.filter(({ used }) => used > VISITED_PER_WRITTEN * CHUNK)).toEqual([]);
  });
});
