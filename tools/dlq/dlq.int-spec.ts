import { newId } from '@libs/kernel';
import { type TestDatabase, testDatabase } from '@libs/testing';
import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const ROOT = path.join(__dirname, '..', '..');
const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('npm run dlq', () => {
  let testing: TestDatabase;
  let superuser: Client;

  beforeAll(async () => {
    execFileSync(process.execPath, [path.join(ROOT, 'tools/build.cjs')]);
    testing = await testDatabase();
    superuser = new Client({ connectionString: testing.superuserUrl });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await testing.drop();
  });

  const dlq = async (...args: string[]): Promise<Ended> => {
    const script = path.join(ROOT, 'dist/tools/dlq/main.js');
    const env = { ...process.env, DATABASE_URL: testing.url('disbursementCore') };
    return await run(process.execPath, [script, ...args], { env })
      .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
      .catch((error: unknown) => error as Ended);
  };

  const letter = async (value: Buffer): Promise<string> => {
    const id = newId();
    await superuser.query(
      `INSERT INTO eventing.dead_letters (id, consumer, topic, partition, key, value, reason)
       VALUES ($1, 'disbursement-core', 'events.payment.requested', 3, 'the key', $2, 'unknown tenant')`,
      [id, value],
    );
    return id;
  };

  it('lists, shows and replays a letter once, byte for byte', async () => {
    const bytes = Buffer.from(JSON.stringify({ id: newId(), data: 'as it was' }));
    const id = await letter(bytes);
    const listed = await dlq('list');
    expect(listed.stdout).toContain(`${id}  `);
    expect(listed.stdout).toContain('events.payment.requested → disbursement-core  unknown tenant');
    expect(JSON.parse((await dlq('show', id)).stdout)).toMatchObject({
      id,
      value: JSON.parse(bytes.toString()) as object,
    });
    expect(await dlq('replay', id)).toMatchObject({
      code: 0,
      stdout: `${id} is sent again (events.payment.requested)\n`,
    });
    expect(await dlq('replay', id)).toMatchObject({
      code: 1,
      stdout: `${id} is left alone: already closed\n`,
    });
    const { rows } = await superuser.query('SELECT topic, partition, key, value FROM eventing.outbox');
    expect(rows).toEqual([{ topic: 'events.payment.requested', partition: 3, key: 'the key', value: bytes }]);
    expect((await dlq('list')).stdout).toBe('No dead letters.\n');
    expect(JSON.parse((await dlq('list', '--status', 'REPLAYED', '--json')).stdout)).toMatchObject([{ id }]);
  });

  it('discards a letter whose bytes nobody can read, and still shows them', async () => {
    const id = await letter(Buffer.from([0xff, 0x1b, 0x00]));
    expect(JSON.parse((await dlq('show', id)).stdout)).toMatchObject({ value: { base64: '/xsA' } });
    expect(await dlq('discard', id)).toMatchObject({
      code: 0,
      stdout: `${id} is discarded (events.payment.requested)\n`,
    });
    expect(await dlq('discard', newId())).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('not found') as string,
    });
  });

  it('says how it is used when it is used in another way', async () => {
    expect(await dlq()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm run dlq -- list') as string,
    });
    expect((await dlq('show', 'x')).stderr).toBe('x is not the id of a dead letter.\n');
    expect((await dlq('list', '--status', 'LOST')).stderr).toBe('There is no status LOST.\n');
  });
});
