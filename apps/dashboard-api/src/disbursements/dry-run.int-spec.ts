import { newId } from '@libs/kernel';

import type { Reply } from '../testing/test-server';
import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';

/** What any request leaves: that it came. */
const LEFT_BY_REQUESTS = /rate_limit|sessions$|list_totals/;

jest.setTimeout(300_000);

describe('a dry run', () => {
  let world: UploadWorld;

  beforeAll(async () => {
    world = await openUploadWorld();
  });
  afterAll(() => world.server.stop());

  async function dryRun(
    id: string,
    content: string,
    query = 'dry_run=true',
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const body = new FormData();
    body.append('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
    const path = `/disbursements/${id}/instructions?${query}`;
    return await world.server.call('POST', path, { token: world.token, body, headers });
  }

  /** Every table of the database, row by row; and how many TEMP tables there are. */
  async function everything(): Promise<Record<string, unknown>> {
    const tables = await world.server.sql(
      `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') AND table_schema !~ '^pg_'
        ORDER BY 1`,
    );
    const names = tables.map(({ name }) => String(name)).filter((name) => !LEFT_BY_REQUESTS.test(name));
    expect(names).toContain('disbursements.upload_parts');
    const prints = names.map(
      (name) =>
        `SELECT '${name}' AS name, count(*)::int AS rows, md5(string_agg(t::text, '|' ORDER BY t::text)) AS print FROM ${name} t`,
    );
    // In an order of their own: PostgreSQL may look at the tables side by side.
    const rows = await world.server.sql(`${prints.join(' UNION ALL ')} ORDER BY name`);
    const temporary = await world.server.sql(
      `SELECT count(*)::int AS tables FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'`,
    );
    return { rows, temporary };
  }

  it('tells what a file comes to and what would surprise, and writes nothing whatever', async () => {
    const { server, disbursement, upload, tenant } = world;
    const [open, paid, id] = [await disbursement(), await disbursement(), await disbursement()];
    await upload(open, phoneFile(3, '10', 0));
    await upload(paid, phoneFile(2, '10', 10));
    await server.sql(
      `UPDATE disbursements.payments SET status = 'SUCCESS', stellar_transaction_id = 'x',
              updated_at = now() - CASE WHEN external_payment_id = 'PAY-0' THEN interval '2 days' ELSE interval '40 days' END
        WHERE disbursement_id = $1`,
      [paid],
    );
    const file = [
      'phone,id,amount,verification',
      ...[0, 1].map((index) => `${phone(index)},P-${String(index)},10,1990-01-30`),
      ...[10, 11].map((index) => `${phone(index)},P-${String(index)},12,1990-01-30`),
      `${phone(20)},NEW,1000.0000001,1990-01-30`,
      `${phone(21)},SMALL,0.5,1990-01-30`,
    ].join('\n');
    const before = await everything();
    const reply = await dryRun(id, file);
    expect({ status: reply.status, body: reply.body }).toEqual({
      status: 200,
      body: {
        dry_run: true,
        would_be_published: true,
        refusal: null,
        rows_read: 6,
        rows_wrong: 0,
        totals: {
          payments: 6,
          total_amount: '1044.5000001',
          average_amount: '174.0833333',
          smallest_amount: '0.5000000',
          largest_amount: '1000.0000001',
          median_amount: '10.0000000',
          new_receivers: 2,
          known_receivers: 4,
          duplicates_in_file: 0,
          in_open_disbursements: {
            receivers: 2,
            disbursements: [{ id: open, name: `of ${open}`, status: 'READY', receivers: 2 }],
          },
          recently_paid: { days: 30, receivers: 1 },
          far_from_median: {
            times: 10,
            payments: 2,
            first: [
              { line: 6, external_id: 'NEW', amount: '1000.0000001' },
              { line: 7, external_id: 'SMALL', amount: '0.5000000' },
            ],
          },
        },
      },
    });
    const again = await dryRun(id, file, 'dry_run=true&paid_within_days=60', { 'Idempotency-Key': newId() });
    expect(again.body).toMatchObject({ totals: { recently_paid: { days: 60, receivers: 2 } } });
    expect(await everything()).toEqual(before);
    // The disbursement takes the file that was tried.
    expect((await upload(id, file)).body).toEqual(UPLOADED);
    const [people] = await server.sql(
      'SELECT count(*)::int AS n FROM disbursements.payments WHERE tenant_id = $1 AND disbursement_id = $2',
      [tenant.id, id],
    );
    expect(people).toEqual({ n: 6 });
  });

  it('of a file of many parts writes nothing either', async () => {
    const id = await world.disbursement();
    const rows = Array.from(
      { length: 12_000 },
      (_, index) => `${phone(index + 1_000)},${newId()}${newId().slice(0, 20)},1,1990-01-30,`,
    );
    const before = await everything();
    const reply = await dryRun(id, ['phone,id,amount,verification,paymentID', ...rows].join('\n'));
    expect(reply.body).toMatchObject({
      would_be_published: true,
      rows_read: 12_000,
      totals: { total_amount: '12000.0000000', new_receivers: 12_000 },
    });
    expect(await everything()).toEqual(before);
  });

  it('names what an upload would be refused for, beside what the rest comes to', async () => {
    const id = await world.disbursement();
    const file = [
      'phone;id;amount;verification',
      `${phone(200)};A;1,5;1990-01-30`,
      `${phone(201)};B;2;1990-01-30`,
      `${phone(201)};C;3;1990-01-30`,
    ].join('\n');
    const before = await everything();
    const { status, body } = await dryRun(id, file);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      would_be_published: false,
      refusal: {
        status: 400,
        error: 'could not parse csv file',
        extras: {
          'line 2 - amount': expect.stringContaining('Commas are not accepted') as unknown,
          'line 4 - contact info': 'duplicate contact information. Also found on line 3',
        },
      },
      read_as: { separator: 'semicolon', encoding: 'utf-8' },
      rows_read: 3,
      rows_wrong: 1,
      totals: { payments: 2, total_amount: '5.0000000', new_receivers: 1, duplicates_in_file: 1 },
    });
    const noTable = await dryRun(id, 'phone,id,amount,verification\n"never closed');
    expect(noTable.body).toMatchObject({ would_be_published: false, totals: null });
    const empty = await dryRun(id, 'phone,id,amount,verification\n');
    expect(empty.body).toMatchObject({
      would_be_published: false,
      refusal: { extras: { instructions: 'no valid instructions found' } },
      totals: { payments: 0, average_amount: '0.0000000', median_amount: null },
    });
    expect(await everything()).toEqual(before);
  });

  it('is refused where an upload is, and where it is asked for in another way', async () => {
    const started = await world.disbursement({ status: 'STARTED' });
    const refusals = [
      await dryRun(started, phoneFile(1)),
      await dryRun(newId(), phoneFile(1)),
      await dryRun('x', phoneFile(1)),
      await dryRun(await world.disbursement(), phoneFile(1), 'dry_run=yes'),
      await dryRun(await world.disbursement(), phoneFile(1), 'dry_run=true&paid_within_days=0'),
      await dryRun(await world.disbursement(), phoneFile(1), 'dry_run=true&dry_run=true'),
    ];
    expect(refusals.map(({ status, body }) => ({ status, body }))).toEqual([
      { status: 400, body: { error: 'disbursement is not in draft or ready status' } },
      { status: 400, body: { error: 'disbursement ID is invalid' } },
      { status: 400, body: { error: 'disbursement ID is invalid' } },
      expect.objectContaining({ status: 400 }),
      expect.objectContaining({ status: 400 }),
      expect.objectContaining({ status: 400 }),
    ]);
  });
});
