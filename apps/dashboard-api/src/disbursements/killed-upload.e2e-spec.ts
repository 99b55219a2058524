import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import path from 'node:path';

import { newId } from '@libs/kernel';

import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

const ROOT = path.join(__dirname, '..', '..', '..', '..');
const APP = path.join(ROOT, 'dist', 'apps', 'dashboard-api', 'src', 'main.js');
const ROWS = 40_000;
const FIRST = 1_000_000;
const OTHERS = 2_000_000;
const PATIENCE_MS = 180_000;
const LOOK_MS = 20;

jest.setTimeout(600_000);

/** Another process of the staff API receives a large file on the database of the test's own one, and is killed in the middle. */
describe('an upload whose process is killed', () => {
  let world: UploadWorld;
  let environment: Record<string, string>;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [path.join(ROOT, 'tools', 'build.cjs')]);
    world = await openUploadWorld();
    const { settings } = world.server.platform;
    environment = {
      DATABASE_URL: settings.DATABASE_URL,
      NETWORK_PASSPHRASE: settings.NETWORK_PASSPHRASE,
      // Nobody listens there: an upload asks nothing of the ledger.
      HORIZON_URL: 'http://127.0.0.1:9',
      PORT: '0',
      ADMIN_PORT: '0',
      METRICS_PORT: '0',
      BIND_HOST: '127.0.0.1',
      TRUSTED_PROXY_HOPS: '1',
      BASE_URL: settings.BASE_URL,
      SDP_UI_BASE_URL: settings.SDP_UI_BASE_URL,
      EC256_PRIVATE_KEY: settings.EC256_PRIVATE_KEY,
      ADMIN_ACCOUNT: 'operator',
      ADMIN_API_KEY: 'operator-password',
      DISABLE_MFA: 'true',
      DISABLE_RECAPTCHA: 'true',
      DISTRIBUTION_PUBLIC_KEY: settings.DISTRIBUTION_PUBLIC_KEY,
      VERIFICATION_PEPPER: Buffer.from(settings.VERIFICATION_PEPPER).toString('hex'),
      MESSAGE_ENCRYPTION_KEY: Buffer.from(settings.MESSAGE_ENCRYPTION_KEY).toString('hex'),
    };
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await world.server.stop();
  });

  async function serving(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
    const child = spawn(process.execPath, [APP], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started.push(child);
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      const line = said.split('\n').find((one) => one.includes('dashboard-api serves'));
      if (line === undefined) continue;
      const fields: unknown = JSON.parse(line);
      return { child, url: String(Reflect.get(Object(fields), 'staff')) };
    }
    throw new Error(`it ended: ${said}`);
  }

  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`never: ${what}`);
  }
  const numberIn = async (sql: string, values: unknown[] = []): Promise<number> => {
    const [row] = await world.server.sql(`SELECT (${sql})::int AS n`, values);
    return Number(row?.['n']);
  };
  const peopleFrom = (from: number): Promise<number> =>
    numberIn('SELECT count(*) FROM receivers.receivers WHERE phone_number >= $1 AND phone_number < $2', [
      phone(from),
      phone(from + ROWS),
    ]);
  const unpublishedPartsOf = (id: string): Promise<number> =>
    numberIn(
      `SELECT count(*) FROM disbursements.upload_parts p JOIN disbursements.upload_jobs j ON j.id = p.upload_id
        WHERE j.disbursement_id = $1 AND j.state <> 'PUBLISHED'`,
      [id],
    );

  async function kill(child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    // What it had under way in PostgreSQL ends by itself.
    await until('its connections are gone', async () => {
      const open = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dashboard-api'`;
      return (await numberIn(open)) === 0;
    });
  }

  /** The draft with a good file, and its process gone in the middle of another one: all that is seen is the good file. */
  async function expectSwept(id: string, from: number): Promise<void> {
    expect(await world.read(id)).toMatchObject({
      status: 'READY',
      file_name: 'before.csv',
      count_draft: 3,
    });
    // As if the process had been silent for long enough.
    await world.server.sql(
      `UPDATE disbursements.upload_jobs SET beat_at = now() - interval '1 minute'
        WHERE disbursement_id = $1 AND state IN ('RECEIVING', 'CHECKING', 'PUBLISHING')`,
      [id],
    );
    // In as many turns as it takes.
    await until('it is swept', async () => {
      await world.server.app.get(UploadSweep).run();
      const left = `SELECT count(*) FROM disbursements.upload_jobs WHERE settled_at IS NULL`;
      return (await numberIn(left)) === 0;
    });
    const job = await world.server.call('GET', `/disbursements/${id}/upload`, { token: world.token });
    expect(job.body).toMatchObject({ state: 'LOST' });
    expect([await peopleFrom(from), await unpublishedPartsOf(id)]).toEqual([0, 0]);
    expect(await world.read(id)).toMatchObject({
      status: 'READY',
      file_name: 'before.csv',
      count_draft: 3,
    });
    expect(await world.payments(id)).toHaveLength(3);
  }

  const draftWithFile = async (from: number): Promise<string> => {
    const id = await world.disbursement();
    expect((await world.upload(id, phoneFile(3, '5', from), 'before.csv')).body).toEqual(UPLOADED);
    return id;
  };

  it('while its people arrive leaves the file before, and nobody of the new one', async () => {
    const id = await draftWithFile(0);
    const { child, url } = await serving();
    const body = new FormData();
    body.append('file', new Blob([phoneFile(ROWS, '1', FIRST)]), 'large.csv');
    const answer = await fetch(`${url}/disbursements/${id}/instructions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}`, 'x-forwarded-for': '10.4.4.4' },
      body,
    });
    expect(answer.status).toBe(202);
    await until('people of the file are there', async () => (await peopleFrom(FIRST)) > 0);
    await kill(child);
    // Twenty database transactions bring them, and one more publishes: it cannot be done at the sight of the first.
    expect(await peopleFrom(FIRST)).toBeGreaterThan(0);
    await expectSwept(id, FIRST);
    expect((await world.upload(id, phoneFile(4, '1', FIRST))).body).toEqual(UPLOADED);
  });

  it('while its bytes come leaves the file before, and none of the new bytes', async () => {
    const id = await draftWithFile(100);
    const { child, url } = await serving();
    const sent = request(`${url}/disbursements/${id}/instructions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.token}`,
        'content-type': 'multipart/form-data; boundary=x',
        'x-forwarded-for': '10.4.4.5',
      },
    });
    const broken = once(sent, 'error');
    sent.write('--x\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n');
    // Ids that do not pack well, so that more than one part of them comes.
    sent.write(phoneFile(ROWS, '1', OTHERS).replaceAll(/P-[0-9]+/g, () => `P-${newId()}`));
    await until('some of its parts are kept', async () => (await unpublishedPartsOf(id)) > 0);
    await kill(child);
    await broken;
    await expectSwept(id, OTHERS);
    expect((await world.upload(id, phoneFile(4, '1', OTHERS))).body).toEqual(UPLOADED);
  });
});
