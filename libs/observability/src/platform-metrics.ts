import type { MetricsRegistry } from './metrics';

/** What a pool of connections tells about itself; the pool of pg does. */
export interface ObservedPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max?: number | undefined };
}

/** Gauges of one pool under the names that SDP used. `waiting_requests` is ours: pg counts no total of waits. */
export function observePool(metrics: MetricsRegistry, pool: ObservedPool, name = 'main'): void {
  const gauge = (metric: string, help: string, read: () => number): void => {
    metrics.gauge({ name: `sdp_db_${metric}`, help, labels: ['pool'] }, (own) =>
      own.set({ pool: name }, read()),
    );
  };
  gauge('max_open_connections', 'Connections that the pool may open.', () => pool.options.max ?? 0);
  gauge('open_connections', 'Connections that are open.', () => pool.totalCount);
  gauge('idle_connections', 'Open connections that nobody uses.', () => pool.idleCount);
  gauge('in_use_connections', 'Open connections in use.', () => pool.totalCount - pool.idleCount);
  gauge('waiting_requests', 'Pieces of work that wait for a connection.', () => pool.waitingCount);
}
