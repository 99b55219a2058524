import { MetricsRegistry } from './metrics';
import { httpMetrics, observePool } from './platform-metrics';

const seriesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));

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

  it('set what is only known by asking at each scrape', async () => {
    const metrics = new MetricsRegistry();
    let depth = 1;
    metrics.gauge({ name: 'test_depth', help: 'test', labels: ['queue'] }, async (gauge) => {
      gauge.reset();
      gauge.set({ queue: `q${depth}` }, depth);
    });
    expect(seriesOf(await metrics.text(), 'test_depth')).toEqual(['test_depth{queue="q1"} 1']);
    depth = 2;
    expect(seriesOf(await metrics.text(), 'test_depth')).toEqual(['test_depth{queue="q2"} 2']);
  });

  it('have the names that operators already know', async () => {
    const metrics = new MetricsRegistry();
    const labels = { status: 200, route: '/payments/:id', method: 'GET', tenant_name: 'aid' };
    httpMetrics(metrics).duration.observe(labels, 0.25);
    observePool(metrics, { totalCount: 5, idleCount: 2, waitingCount: 1, options: { max: 10 } });
    const text = await metrics.text();
    for (const quantile of ['0.5', '0.9', '0.95', '0.99']) {
      expect(text).toContain(
        `sdp_http_requests_duration_seconds{quantile="${quantile}",status="200",route="/payments/:id",method="GET",tenant_name="aid"} 0.25`,
      );
    }
    expect(text).toContain('sdp_db_max_open_connections{pool="main"} 10');
    expect(text).toContain('sdp_db_open_connections{pool="main"} 5');
    expect(text).toContain('sdp_db_in_use_connections{pool="main"} 3');
    expect(text).toContain('sdp_db_idle_connections{pool="main"} 2');
  });

  it('count durations in buckets of seconds', async () => {
    const metrics = new MetricsRegistry();
    metrics.histogram({ name: 'test_seconds', help: 'test', labels: ['topic'] }).observe({ topic: 'a' }, 0.3);
    const text = await metrics.text();
    expect(text).toContain('test_seconds_bucket{le="0.25",topic="a"} 0');
    expect(text).toContain('test_seconds_bucket{le="0.5",topic="a"} 1');
  });
});
