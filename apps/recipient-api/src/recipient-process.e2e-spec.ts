import { testDatabase, type TestDatabase } from '@libs/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..', '..');
const PASSPHRASE = 'Standalone Network ; February 2017';
const started: ChildProcess[] = [];
let database: TestDatabase;
let horizon: http.Server;
let horizonUrl: string;

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(ROOT, 'tools', 'build.cjs')]);
  database = await testDatabase();
  // As much of a node as the start asks for: which network it is. Its newest ledger is never told.
  horizon = http.createServer((request, response) => {
    response.statusCode = request.url === '/' ? 200 : 503;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ network_passphrase: PASSPHRASE, history_latest_ledger: 1, core_latest_ledger: 1 }),
    );
  });
  await new Promise<void>((resolve) => horizon.listen(0, '127.0.0.1', resolve));
  horizonUrl = `http://127.0.0.1:${String((horizon.address() as AddressInfo).port)}`;
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  horizon.closeAllConnections();
  horizon.close();
  await database.drop();
});

function run(more: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'dist', 'apps', 'recipient-api', 'src', 'main.js')],
    {
      env: {
        DATABASE_URL: database.url('recipientApi'),
        NETWORK_PASSPHRASE: PASSPHRASE,
        HORIZON_URL: horizonUrl,
        BASE_URL: 'http://pay.test',
        RECIPIENT_PORT: '0',
        RECIPIENT_METRICS_PORT: '0',
        BIND_HOST: '127.0.0.1',
        SEP10_SIGNING_PRIVATE_KEY: Keypair.random().secret(),
        SEP24_JWT_SECRET: randomBytes(32).toString('hex'),
        DISABLE_RECAPTCHA: 'true',
        VERIFICATION_PEPPER: randomBytes(32).toString('hex'),
        MESSAGE_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  started.push(child);
  return child;
}

/** What the process printed on its way out, and its exit code. */
async function ending(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, text };
}

describe('the process of recipient-api', () => {
  it('serves while the ledger is away, says so in /ready, and ends when it is told to', async () => {
    const child = run({});
    const origin = await new Promise<string>((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        const url = /"url":"([^"]+)"/.exec(chunk.toString())?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    expect((await fetch(`${origin}/health`)).status).toBe(200);
    expect((await fetch(`${origin}/.well-known/stellar.toml`)).status).toBe(200);
    const ready = await fetch(`${origin}/ready`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining(horizonUrl)]);
    child.kill('SIGTERM');
    expect((await ending(child)).code).toBe(0);
  });

  it('does not start on another network than its settings name', async () => {
    const { code, text } = await ending(run({ NETWORK_PASSPHRASE: 'Test SDF Network ; September 2015' }));
    expect(code).toBe(1);
    expect(text).toContain('NETWORK_PASSPHRASE');
  });

  it('names every bad setting at once', async () => {
    const { code, text } = await ending(
      run({ SEP24_JWT_SECRET: 'short', VERIFICATION_PEPPER: 'x', BASE_URL: 'pay' }),
    );
    expect(code).toBe(1);
    for (const name of ['SEP24_JWT_SECRET', 'VERIFICATION_PEPPER', 'BASE_URL']) expect(text).toContain(name);
  });
});
