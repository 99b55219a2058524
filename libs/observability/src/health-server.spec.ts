import { type HealthServer, startHealthServer } from './health-server';
import { MetricsRegistry } from './metrics';

describe('the health server', () => {
  let server: HealthServer;
  let ready: () => Promise<readonly string[]>;
  let warnings: () => Promise<readonly string[]>;

  beforeEach(async () => {
    const metrics = new MetricsRegistry();
    metrics.collectProcessMetrics();
    ready = async () => [];
    warnings = async () => [];
    server = await startHealthServer({
      app: 'messaging',
      port: 0,
      host: '127.0.0.1',
      version: '0.1.0',
      ready: () => ready(),
      warnings: () => warnings(),
      metrics,
      routes: {
        '/outbox': (_, response) => {
          response.end('[]');
        },
        '/broken': () => {
          throw new Error('the secret');
        },
      },
    });
  });
  afterEach(async () => {
    await server.close();
  });

  const get = async (path: string, method = 'GET'): Promise<{ status: number; body: string }> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { status: response.status, body: await response.text() };
  };

  it('says that the process lives, whatever it lacks', async () => {
    ready = async () => ['no ledger'];
    const { status, body } = await get('/health');
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { status: 'pass', service_id: 'messaging', version: '0.1.0' },
    ]);
  });

  it('says why the process cannot serve now', async () => {
    expect(await get('/ready')).toMatchObject({ status: 200 });
    ready = async () => ['no ledger', 'no broker'];
    const { status, body } = await get('/ready');
    expect([status, JSON.parse(body)]).toMatchObject([
      503,
      { status: 'fail', reasons: ['no ledger', 'no broker'] },
    ]);
    ready = async () => Promise.reject(new Error('the check itself is broken'));
    expect((await get('/ready')).body).toContain('the check itself is broken');
  });

  it('goes on serving with warnings, and shows them', async () => {
    warnings = async () => ['a captcha has no keys'];
    const { status, body } = await get('/ready');
    expect([status, JSON.parse(body)]).toMatchObject([
      200,
      { status: 'warn', reasons: [], warnings: ['a captcha has no keys'] },
    ]);
    ready = async () => ['no ledger'];
    expect(await get('/ready')).toMatchObject({ status: 503 });
  });

  it('serves the metrics of the process to a scraper', async () => {
    const { status, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('serves further routes, and nothing else', async () => {
    expect(await get('/outbox?x=1')).toEqual({ status: 200, body: '[]' });
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/health', 'POST')).status).toBe(404);
    const { status, body } = await get('/broken');
    expect(status).toBe(500);
    expect(body).not.toContain('the secret');
  });

  it('says at once when its port is taken', async () => {
    const options = {
      app: 'other',
      port: server.port,
      host: '127.0.0.1',
      ready,
      metrics: new MetricsRegistry(),
    };
    await expect(startHealthServer(options)).rejects.toThrow('EADDRINUSE');
  });
});
