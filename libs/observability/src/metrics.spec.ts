import { httpMetrics } from './http-metrics';
import { MetricsRegistry } from './metrics';
import { observePool } from './platform-metrics';

const seriesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));

const namesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
    .toSorted();

describe('metrics', () => {
  it('keep their number of series bounded, whatever a label is given', async () => {
    const metrics = new MetricsRegistry();
    const counter = metrics.counter({ name: 'test_total', help: 'test', labels: ['tenant'] });
    for (let nr = 0; nr < 2_000; nr += 1) counter.add({ tenant: `tenant-${nr}` });
    const series = seriesOf(await metrics.text(), 'test_total');
    expect(series).toHaveLength(201);
    expect(series).toContain('test_total{tenant="other"} 1800');
    expect(series).toContain('test_total{tenant="tenant-7"} 1');
  });

  it('keep their number of combinations bounded too', async () => {
    const metrics = new MetricsRegistry();
    const counter = metrics.counter({ name: 'test_total', help: 'test', labels: ['tenant', 'route'] });
    for (let nr = 0; nr < 10_000; nr += 1)
      counter.add({ tenant: `tenant-${Math.floor(nr / 100)}`, route: `route-${nr % 100}` });
    const series = seriesOf(await metrics.text(), 'test_total');
    expect(series).toHaveLength(4_001);
    expect(series).toContain('test_total{tenant="other",route="other"} 6000');
  });

  it('show the answer of this scrape, also in gauges that stand before the question', async () => {
    const metrics = new MetricsRegistry();
    const first = metrics.gauge({ name: 'test_first', help: 'test', labels: ['queue'] });
    const second = metrics.gauge<never>({ name: 'test_second', help: 'test' });
    let depth = 1;
    const forget = (): void => {
      first.reset();
      second.reset();
    };
    metrics.collect(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      forget();
      first.set({ queue: `q${depth}` }, depth);
      second.set({}, depth);
    }, forget);
    for (depth = 1; depth <= 2; depth += 1) {
      const text = await metrics.text();
      expect(seriesOf(text, 'test_first')).toEqual([`test_first{queue="q${depth}"} ${depth}`]);
      expect(seriesOf(text, 'test_second')).toEqual([`test_second ${depth}`]);
    }
  });

  it('leave out what cannot be asked, fails or takes too long, and ask one question at a time', async () => {
    const metrics = new MetricsRegistry();
    const gauge = metrics.gauge<never>({ name: 'test_depth', help: 'test' });
    let asked = 0;
    let answer = async (): Promise<void> => await Promise.reject(new Error('the database is away'));
    metrics.collect(
      async () => {
        asked += 1;
        await answer();
        gauge.set({}, asked);
      },
      () => gauge.reset(),
    );
    expect(seriesOf(await metrics.text(), 'test_depth')).toEqual([]);
    let release = (): void => undefined;
    answer = async () => await new Promise<void>((resolve) => (release = resolve));
    const startedAt = performance.now();
    const texts = await Promise.all([metrics.text(), metrics.text()]);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(texts.flatMap((text) => seriesOf(text, 'test_depth'))).toEqual([]);
    expect(asked).toBe(2);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    answer = async () => await Promise.resolve();
    expect(seriesOf(await metrics.text(), 'test_depth')).toEqual(['test_depth 3']);
  });

  it('begin their series at nothing, and count on in the same ones', async () => {
    const metrics = new MetricsRegistry();
    const counter = metrics.counter({ name: 'test_total', help: 'test', labels: ['result'] });
    const histogram = metrics.histogram({ name: 'test_seconds', help: 'test', labels: ['topic'] });
    const summary = metrics.summary({ name: 'test_duration', help: 'test', labels: ['topic'] });
    const start = (): void => {
      counter.start({ result: 'done' });
      histogram.start({ topic: 'a' });
      summary.start({ topic: 'a' });
    };
    start();
    const before = await metrics.text();
    expect(before).toContain('test_total{result="done"} 0');
    expect(before).toContain('test_seconds_count{topic="a"} 0');
    expect(before).toContain('test_duration{quantile="0.99",topic="a"} 0');
    expect(before).toContain('test_duration_count{topic="a"} 0');
    counter.add({ result: 'done' });
    histogram.observe({ topic: 'a' }, 1);
    summary.observe({ topic: 'a' }, 1);
    start();
    const after = await metrics.text();
    expect(after).toContain('test_total{result="done"} 1');
    expect(after).toContain('test_seconds_count{topic="a"} 1');
    expect(after).toContain('test_duration{quantile="0.99",topic="a"} 1');
    expect(after).toContain('test_duration_count{topic="a"} 1');
    expect(namesOf(after)).toEqual(namesOf(before));
  });

  it('of a process have all their series from the start', async () => {
    const metrics = new MetricsRegistry();
    metrics.collectProcessMetrics();
    const text = await metrics.text();
    for (const kind of ['major', 'minor', 'incremental', 'weakcb'])
      expect(text).toContain(`nodejs_gc_duration_seconds_count{kind="${kind}"}`);
    expect(text).toContain('nodejs_active_handles_total');
    expect(text).not.toContain('nodejs_active_handles{');
    expect(text).not.toContain('nodejs_active_resources{');
    expect(text).not.toContain('nodejs_active_requests{');
  });

  it('have the names that operators already know', async () => {
    const metrics = new MetricsRegistry();
    const observe = httpMetrics(metrics).ofServer(() => []);
    observe({ status: 200, route: '/payments/:id', method: 'GET', tenantName: 'aid' }, 0.25);
    observePool(metrics, { totalCount: 5, idleCount: 2, waitingCount: 1, options: { max: 10 } });
    const text = await metrics.text();
    for (const quantile of ['0.5', '0.9', '0.95', '0.99']) {
      expect(text).toContain(
        `sdp_http_requests_duration_seconds{quantile="${quantile}",status="2xx",route="/payments/:id",method="GET",tenant_name="aid"} 0.25`,
      );
    }
    expect(text).toContain('sdp_db_max_open_connections{pool="main"} 10');
    expect(text).toContain('sdp_db_open_connections{pool="main"} 5');
    expect(text).toContain('sdp_db_in_use_connections{pool="main"} 3');
    expect(text).toContain('sdp_db_idle_connections{pool="main"} 2');
  });

  it('have the same series whatever an organisation asks, it is answered, and strangers try', async () => {
    const metrics = new MetricsRegistry();
    const routes = ['/payments', '/payments/:id'].map((route) => ({ route, method: 'GET' }));
    const observe = httpMetrics(metrics).ofServer(() => routes);
    observe({ status: 200, route: '/payments', method: 'GET', tenantName: 'aid' }, 0.25);
    const before = namesOf(await metrics.text());
    for (const { route, method } of routes)
      for (const status of [200, 201, 204, 301, 400, 404, 409, 429, 500, 503])
        observe({ status, route, method, tenantName: 'aid' }, 0.25);
    for (const method of ['GET', 'POST', 'DELETE', 'MKCOL', 'SEARCH'])
      observe({ status: 404, route: 'unknown', method, tenantName: 'no_tenant' }, 0.1);
    expect(namesOf(await metrics.text())).toEqual(before);
  });

  it('show the routes of many organisations only as they are used', async () => {
    const metrics = new MetricsRegistry();
    const routes = Array.from({ length: 100 }, (_, nr) => ({ route: `/r${nr}`, method: 'GET' }));
    const observe = httpMetrics(metrics).ofServer(() => routes);
    for (let nr = 0; nr < 100; nr += 1)
      observe({ status: 200, route: '/r7', method: 'GET', tenantName: `tenant-${nr}` }, 0.25);
    const counts = namesOf(await metrics.text()).filter((name) => name.includes('_count{'));
    expect(counts.filter((name) => name.includes('"tenant-2"'))).toHaveLength(400);
    expect(counts.filter((name) => name.includes('"tenant-99"'))).toHaveLength(4);
  });

  it('count durations in buckets of seconds', async () => {
    const metrics = new MetricsRegistry();
    metrics.histogram({ name: 'test_seconds', help: 'test', labels: ['topic'] }).observe({ topic: 'a' }, 0.3);
    const text = await metrics.text();
    expect(text).toContain('test_seconds_bucket{le="0.25",topic="a"} 0');
    expect(text).toContain('test_seconds_bucket{le="0.5",topic="a"} 1');
  });
});
