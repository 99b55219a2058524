import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';

type Labels<Name extends string> = Readonly<Partial<Record<Name, string | number>>>;

interface MetricOptions<Name extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Name[];
}

/** How many values a label of one metric may have; all further ones count as `other`. */
const VALUES_PER_LABEL_MAX = 200;
const SUMMARY_QUANTILES = [0.5, 0.9, 0.95, 0.99];
const SUMMARY_AGE_SECONDS = 600;
/** Seconds, from a fast statement to a slow ledger. */
const SECONDS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Keeps the number of series bounded whatever the values are: never label by payment, path or person. */
class BoundedLabels<Name extends string> {
  private readonly seen = new Map<string, Set<string>>();

  bound(labels: Labels<Name>): Record<string, string> {
    const bounded: Record<string, string> = {};
    for (const [name, value] of Object.entries<string | number | undefined>(labels)) {
      const text = String(value ?? '');
      const values = this.seen.get(name) ?? new Set<string>();
      this.seen.set(name, values);
      const isKnown = values.has(text);
      if (!isKnown && values.size < VALUES_PER_LABEL_MAX) values.add(text);
      bounded[name] = isKnown || values.has(text) ? text : 'other';
    }
    return bounded;
  }
}

export interface CounterMetric<Name extends string> {
  add(labels: Labels<Name>, amount?: number): void;
}
export interface GaugeMetric<Name extends string> {
  set(labels: Labels<Name>, value: number): void;
  /** Forgets all series, so that what is gone is not shown with its last value for ever. */
  reset(): void;
}
export interface DurationMetric<Name extends string> {
  /** Seconds. */
  observe(labels: Labels<Name>, seconds: number): void;
}

/** The metrics of one process. Made once in `main.ts` and served at `/metrics`. */
export class MetricsRegistry {
  private readonly registry = new Registry();

  /** Event loop, heap, file descriptors and the like of this process. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Name extends string>({ name, help, labels = [] }: MetricOptions<Name>): CounterMetric<Name> {
    const metric = new Counter<string>({ name, help, labelNames: [...labels], registers: [this.registry] });
    const bounds = new BoundedLabels<Name>();
    return { add: (given, amount = 1) => metric.inc(bounds.bound(given), amount) };
  }

  /** `collect` runs before each scrape, to set what is only known by asking. It must be quick and must not throw. */
  gauge<Name extends string>(
    { name, help, labels = [] }: MetricOptions<Name>,
    collect?: (gauge: GaugeMetric<Name>) => void | Promise<void>,
  ): GaugeMetric<Name> {
    const bounds = new BoundedLabels<Name>();
    const metric = new Gauge<string>({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(collect === undefined
        ? {}
        : {
            collect: async () => {
              await collect(gauge);
            },
          }),
    });
    const gauge: GaugeMetric<Name> = {
      set: (given, value) => metric.set(bounds.bound(given), value),
      reset: () => metric.reset(),
    };
    return gauge;
  }

  histogram<Name extends string>(
    { name, help, labels = [] }: MetricOptions<Name>,
    buckets: readonly number[] = SECONDS_BUCKETS,
  ): DurationMetric<Name> {
    const metric = new Histogram<string>({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.registry],
    });
    const bounds = new BoundedLabels<Name>();
    return { observe: (given, seconds) => metric.observe(bounds.bound(given), seconds) };
  }

  summary<Name extends string>({ name, help, labels = [] }: MetricOptions<Name>): DurationMetric<Name> {
    const metric = new Summary<string>({
      name,
      help,
      labelNames: [...labels],
      percentiles: SUMMARY_QUANTILES,
      maxAgeSeconds: SUMMARY_AGE_SECONDS,
      ageBuckets: 5,
      registers: [this.registry],
    });
    const bounds = new BoundedLabels<Name>();
    return { observe: (given, seconds) => metric.observe(bounds.bound(given), seconds) };
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The text that a scraper reads. */
  async text(): Promise<string> {
    return await this.registry.metrics();
  }
}
