import { newId } from '@libs/kernel';

import type { Reply } from '../testing/test-server';
import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

const PATIENCE_MS = 120_000;
const LOOK_MS = 50;
const LARGE = 10_050;
const BOM = '\uFEFF';
const AMOUNT =
  'Write a number above 0 with a point and at most seven decimals, for example 1234.5: no commas, no spaces, no currency.';
const NO_AMOUNT = 'amount: invalid amount. Amount must be a positive number';
const ONCE =
  'A file pays each person once: keep one of the lines, with the sum of both amounts where both are owed.';
const NUMBER =
  'Write + , the code of the country and the number, without spaces, for example +380445555555. Let your spreadsheet keep the column as text, so that it does not take the + away.';
const DAY = 'Write year, month and day of a day in the past, for example 1990-01-30.';

jest.setTimeout(300_000);

describe('everything that is wrong in a file', () => {
  let world: UploadWorld;

  beforeAll(async () => {
    world = await openUploadWorld();
  });
  afterAll(() => world.server.stop());

  const errorsOf = async (id: string): Promise<Reply> =>
    await world.server.call('GET', `/disbursements/${id}/upload/errors`, { token: world.token });
  const linesOf = (reply: Reply): readonly string[] => reply.text.trimEnd().split('\r\n');
  const partsOf = async (id: string): Promise<number> => {
    const [row] = await world.server.sql(
      `SELECT count(*)::int AS parts FROM disbursements.upload_parts p
         JOIN disbursements.upload_jobs j ON j.tenant_id = p.tenant_id AND j.id = p.upload_id WHERE j.disbursement_id = $1`,
      [id],
    );
    return Number(row?.['parts']);
  };
  async function stateOf(id: string, state: string): Promise<Record<string, unknown>> {
    let upload: Record<string, unknown> = {};
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      const { body } = await world.server.call('GET', `/disbursements/${id}/upload`, { token: world.token });
      upload = Object(body) as Record<string, unknown>;
      if (upload['state'] === state) return upload;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`never ${state}: ${JSON.stringify(upload)}`);
  }

  it('is told line by line, as it was sent, in a table that can be mended and uploaded again', async () => {
    const id = await world.disbursement();
    const file = [
      'phone;id;note;amount;verification',
      `${phone(1)};A;right;1;1990-01-30`,
      `${phone(2)};"=HYPERLINK(""http://x"")";@note;-5;2990-01-01`,
      `${phone(1)};C;"again; and again";2;1990-01-30`,
      `+999123456789;D;;3;1990-01-30`,
      `${phone(5)};E;right too;4;1990-01-30`,
      `12345;;−;x;`,
    ].join('\n');
    const refusal = await world.upload(id, file, 'people of süd.csv');
    expect(refusal.status).toBe(400);

    const reply = await errorsOf(id);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toContain(
      "filename*=UTF-8''people%20of%20s%C3%BCd-errors.csv",
    );
    const raw = await fetch(`${world.server.url}/disbursements/${id}/upload/errors`, {
      headers: { authorization: `Bearer ${world.token}`, 'x-forwarded-for': '10.9.8.7' },
    });
    expect(Buffer.from(await raw.arrayBuffer()).toString()).toBe(BOM + reply.text);
    const wrongDay = 'date of birth: date of birth cannot be in the future';
    const wrongNumber = 'phone: invalid phone format. Correct format: +380445555555';
    expect(linesOf(reply)).toEqual([
      'line;what is wrong;how to mend it;phone;id;note;amount;verification',
      `3;"${NO_AMOUNT}; ${wrongDay}";${AMOUNT} ${DAY};${phone(2)};"'=HYPERLINK(""http://x"")";'@note;-5;2990-01-01`,
      `4;contact info: duplicate contact information. Also found on line 2;${ONCE};${phone(1)};C;"again; and again";2;1990-01-30`,
      `5;${wrongNumber};${NUMBER};+999123456789;D;;3;1990-01-30`,
      `7;"id: id cannot be empty; ${NO_AMOUNT}; ${wrongNumber}; date of birth: date of birth cannot be empty";` +
        `Give this person an id of your own choice with at most 64 characters, for example P-1. ${AMOUNT} ${NUMBER} ${DAY};12345;;−;x;`,
    ]);

    const mended = [
      linesOf(reply)[0],
      `3;x;y;${phone(2)};B;;5;1990-01-01`,
      `5;x;y;${phone(3)};D;;3;1990-01-30`,
    ].join('\r\n');
    expect((await world.upload(id, `${BOM}${mended}`)).body).toEqual({
      ...UPLOADED,
      read_as: { separator: 'semicolon', encoding: 'utf-8' },
    });
  });

  it('is told of every line, of which the answer names a thousand', async () => {
    const id = await world.disbursement();
    const wrong = phoneFile(1_500, '-1');
    expect((await world.upload(id, wrong)).status).toBe(400);
    const lines = linesOf(await errorsOf(id));
    expect(lines).toHaveLength(1_501);
    expect(lines.at(-1)).toBe(`1501,${NO_AMOUNT},"${AMOUNT}",${phone(1_499)},P-1499,-1,1990-01-30,PAY-1499`);
  });

  it('is told of a file that nobody waited for, too', async () => {
    const id = await world.disbursement();
    const twice = `${phoneFile(LARGE, '1', 10_000)}\n${phone(10_000)},Z,1,1990-01-30,`;
    expect((await world.upload(id, twice)).status).toBe(202);
    const { errors_until: until } = await stateOf(id, 'REFUSED');
    expect(Date.parse(String(until))).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    expect(linesOf(await errorsOf(id)).slice(1)).toEqual([
      `${String(LARGE + 2)},contact info: duplicate contact information. Also found on line 2,"${ONCE}",${phone(10_000)},Z,1,1990-01-30,`,
    ]);
  });

  it('is one sentence where it is the file as a whole', async () => {
    const id = await world.disbursement();
    await world.upload(id, 'phone,id,amount,verification\n"never closed,1,1,1990-01-01\n');
    expect(await partsOf(id)).toBe(0);
    expect(linesOf(await errorsOf(id))).toEqual([
      'line,what is wrong,how to mend it',
      ',could not parse csv file: could not parse file: A quote is opened and never closed near line 2.,Mend the file and upload it again.',
    ]);
    expect(await stateOf(id, 'REFUSED')).toMatchObject({ errors_until: null });
  });

  it('says where an organisation may not send more rows', async () => {
    const { server, tenant } = world;
    const limit = (rows: number): Promise<unknown> =>
      server.sql('UPDATE tenants.organizations SET upload_rows_max = $2 WHERE tenant_id = $1', [
        tenant.id,
        rows,
      ]);
    await limit(2);
    const id = await world.disbursement();
    await world.upload(id, phoneFile(3, '-1'));
    const lines = linesOf(await errorsOf(id));
    await limit(1_000_000);
    expect(lines.map((line) => line.split(',')[0])).toEqual(['line', '2', '3', '']);
    expect(lines[3]).toContain('number of instructions exceeds maximum of 2');
  });

  it('is known for a day, or until another file comes, or the disbursement is deleted', async () => {
    const { server, token, upload } = world;
    const [old, replaced, deleted] = [
      await world.disbursement(),
      await world.disbursement(),
      await world.disbursement(),
    ];
    for (const id of [old, replaced, deleted]) await upload(id, phoneFile(2, '-1'));
    expect([await partsOf(old), await partsOf(replaced), await partsOf(deleted)]).toEqual([1, 1, 1]);
    const sweep = server.app.get(UploadSweep);
    await sweep.run();
    expect((await errorsOf(old)).status).toBe(200);
    await server.sql(
      `UPDATE disbursements.upload_jobs SET kept_until = now() - interval '1 second' WHERE disbursement_id = $1`,
      [old],
    );
    await sweep.run();
    expect(await partsOf(old)).toBe(0);
    const gone = await errorsOf(old);
    expect([gone.status, gone.text]).toEqual([410, expect.stringContaining('Upload it again')]);

    await upload(replaced, phoneFile(2, '1', 30_000));
    expect((await errorsOf(replaced)).status).toBe(404);
    expect(
      await server.sql('SELECT state FROM disbursements.upload_jobs WHERE disbursement_id = $1', [replaced]),
    ).toEqual([{ state: 'PUBLISHED' }]);

    expect((await server.call('DELETE', `/disbursements/${deleted}`, { token })).status).toBe(200);
    const [orphans] = await server.sql(
      `SELECT count(*)::int AS parts FROM disbursements.upload_parts p
        WHERE NOT EXISTS (SELECT FROM disbursements.upload_jobs j WHERE j.id = p.upload_id)
          AND NOT EXISTS (SELECT FROM disbursements.uploads u WHERE u.id = p.upload_id)`,
    );
    expect(orphans).toEqual({ parts: 0 });
    expect((await errorsOf(deleted)).status).toBe(404);
  });

  it('is not there before the end of an upload, nor for strangers', async () => {
    const { server, tenant } = world;
    const id = await world.disbursement();
    for (const unknown of [id, newId(), 'nothing']) expect((await errorsOf(unknown)).status).toBe(404);
    await world.upload(id, phoneFile(2, '-1'));
    const other = await server.tenant('others');
    const stranger = await server.tokenFor(other, 'owner');
    const foreign = await server.call('GET', `/disbursements/${id}/upload/errors`, { token: stranger });
    expect(foreign.status).toBe(404);
    await server.sql(
      `UPDATE disbursements.upload_jobs SET state = 'CHECKING', beat_at = now() + interval '1 hour'
        WHERE tenant_id = $1 AND disbursement_id = $2`,
      [tenant.id, id],
    );
    expect((await errorsOf(id)).status).toBe(409);
  });
});
