import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

const ROOT = path.join(__dirname, '..', '..', '..');
const APP = path.join(ROOT, 'dist', 'apps', 'dashboard-api', 'src');
const PASSPHRASE = 'Distributary Test ; 2026';
const PASSWORD = 'Correct-horse-7';
const TYPE = 'DISTRIBUTION_ACCOUNT.STELLAR.ENV';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('dashboard-api as a process', () => {
  let database: TestDatabase;
  let horizon: http.Server;
  let horizonUrl: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [path.join(ROOT, 'tools', 'build.cjs')]);
    database = await testDatabase();
    // As much of a node as the start asks for: which network it is.
    horizon = http.createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ network_passphrase: PASSPHRASE, history_latest_ledger: 1, core_latest_ledger: 1 }),
      );
    });
    await new Promise<void>((resolve) => horizon.listen(0, '127.0.0.1', resolve));
    const address = horizon.address();
    horizonUrl = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    horizon.closeAllConnections();
    horizon.close();
    await database.drop();
  });

  const environment = (): Record<string, string> => ({
    DATABASE_URL: database.url('dashboardApi'),
    NETWORK_PASSPHRASE: PASSPHRASE,
    HORIZON_URL: horizonUrl,
    SINGLE_TENANT_MODE: 'true',
    PORT: '0',
    ADMIN_PORT: '0',
    METRICS_PORT: '0',
    BIND_HOST: '127.0.0.1',
    BASE_URL: 'http://pay.test',
    SDP_UI_BASE_URL: 'http://staff.test',
    EC256_PRIVATE_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ADMIN_ACCOUNT: 'operator',
    ADMIN_API_KEY: 'operator-password',
    DISABLE_MFA: 'true',
    DISABLE_RECAPTCHA: 'true',
    DISTRIBUTION_PUBLIC_KEY: 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7',
    VERIFICATION_PEPPER: '11'.repeat(32),
    MESSAGE_ENCRYPTION_KEY: '22'.repeat(32),
  });

  function run(file: string, args: readonly string[] = [], more: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [path.join(APP, file), ...args], {
      env: { ...environment(), ...more },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    started.push(child);
    return child;
  }

  const exitOf = async (child: ChildProcess): Promise<unknown> => {
    const exit: unknown[] = await once(child, 'exit');
    return exit[0];
  };

  /** Runs to its end. */
  async function ended(
    child: ChildProcess,
    input = '',
  ): Promise<{ readonly code: unknown; readonly out: string; readonly complaint: string }> {
    child.stdin?.end(input);
    const [out, complaint] = [child.stdout, child.stderr].map(async (stream) =>
      stream === null ? '' : await text(stream),
    );
    const code = await exitOf(child);
    return { code, out: (await out) ?? '', complaint: (await complaint) ?? '' };
  }

  /** The line that says where it serves. */
  async function serving(child: ChildProcess): Promise<{ readonly staff: string; readonly metrics: string }> {
    let seen = '';
    for await (const chunk of child.stdout ?? []) {
      seen += String(chunk);
      const line = seen.split('\n').find((one) => one.includes('dashboard-api serves'));
      if (line === undefined) continue;
      const fields: unknown = JSON.parse(line);
      const field = (name: string): string => String(Reflect.get(Object(fields), name));
      return { staff: field('staff'), metrics: `http://127.0.0.1:${field('metricsPort')}` };
    }
    throw new Error(`it ended: ${seen}`);
  }

  it('names every bad setting in one message and does not start', async () => {
    const { code, complaint } = await ended(
      run('main.js', [], { EC256_PRIVATE_KEY: '', PORT: 'eighty', ADMIN_API_KEY: 'short' }),
    );
    expect(code).toBe(1);
    for (const name of ['EC256_PRIVATE_KEY', 'PORT', 'ADMIN_API_KEY']) expect(complaint).toContain(name);
    expect(complaint).not.toContain('short');
  });

  it('does not start on another network', async () => {
    const { code, complaint } = await ended(run('main.js', [], { NETWORK_PASSPHRASE: 'Another Network' }));
    expect(code).toBe(1);
    expect(complaint).toContain(PASSPHRASE);
  });

  it('is not ready, and says why, while no node answers', async () => {
    const child = run('main.js', [], { HORIZON_URL: 'http://127.0.0.1:9' });
    const { metrics } = await serving(child);
    const ready = await fetch(`${metrics}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('127.0.0.1:9');
    expect((await fetch(`${metrics}/health`)).status).toBe(200);
    child.kill('SIGKILL');
  });

  it('makes the default organisation and its people from the command line, and repeats it without harm', async () => {
    const order = [
      'ensure-default',
      '--default-tenant-owner-email',
      'owner@default.test',
      '--default-tenant-owner-first-name',
      'Olive',
      '--default-tenant-owner-last-name',
      'Owner',
      '--default-tenant-distribution-account-type',
      TYPE,
      '--disable-mfa',
    ];
    const first = await ended(run('cli/tenants.js', order));
    expect(first.complaint).toBe('');
    const tenant: unknown = JSON.parse(first.out);
    expect(tenant).toMatchObject({ name: 'default', status: 'TENANT_PROVISIONED' });
    expect((await ended(run('cli/tenants.js', order))).out).toBe(first.out);

    const id = String(Reflect.get(Object(tenant), 'id'));
    const add = (email: string, ...more: string[]): ChildProcess =>
      run('cli/users.js', ['add', email, 'Ada', 'Lovelace', '--tenant-id', id, ...more]);
    const owner = await ended(
      add('owner@default.test', '--roles', 'owner', '--owner', '--password'),
      PASSWORD,
    );
    expect(owner.code).toBe(0);
    const weak = await ended(add('weak@default.test', '--roles', 'business', '--password'), 'weak\n');
    expect(weak.code).toBe(1);
    expect(weak.complaint).toContain('between 12 and 128');
    const twoRoles = await ended(add('two@default.test', '--roles', 'initiator,approver'));
    expect(twoRoles.complaint).toContain('exactly one');
    expect((await ended(add('invited@default.test', '--roles', 'approver'))).code).toBe(0);
    expect((await ended(run('cli/users.js', ['--help']))).out).toContain('--tenant-id');
  });

  it('serves while a captcha has no keys, says whose at its start and at /ready, and a command switches it off', async () => {
    const superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await superuser.query('UPDATE tenants.organizations SET captcha_disabled = false');
    await superuser.end();
    const child = run('main.js');
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const { metrics } = await serving(child);
    const told = 'nobody signs in at or registers with default';
    expect(printed).toContain(told);
    const ready = async (): Promise<unknown> => {
      const answer = await fetch(`${metrics}/ready`);
      return [answer.status, await answer.json()];
    };
    expect(await ready()).toMatchObject([200, { warnings: [expect.stringContaining(told) as unknown] }]);
    const off = await ended(run('cli/tenants.js', ['disable-recaptcha', 'default']));
    expect(JSON.parse(off.out)).toEqual({ tenant: 'default', captcha_disabled: true });
    expect(await ready()).toMatchObject([200, { status: 'pass', warnings: [] }]);
    const nobody = await ended(run('cli/tenants.js', ['disable-recaptcha', 'nobody']));
    expect([nobody.code, nobody.complaint]).toEqual([1, 'there is no tenant named nobody\n']);
    child.kill('SIGKILL');
  });

  it('serves, and ends in order when it is asked to', async () => {
    const child = run('main.js');
    const { staff, metrics } = await serving(child);
    const login = await fetch(`${staff}/login`, {
      method: 'POST',
      body: JSON.stringify({ email: 'owner@default.test', password: PASSWORD }),
    });
    expect(await login.json()).toEqual({ token: expect.any(String) as unknown });
    expect((await fetch(`${metrics}/ready`)).status).toBe(200);
    const figures = await (await fetch(`${metrics}/metrics`)).text();
    expect(figures).toContain('route="/login"');
    expect(figures).toContain('tenant_name="default"');
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
  });
});
