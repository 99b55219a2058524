import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { askInTime, type Question } from './question';
import { SteadySummary } from './steady-summary';

type Labels<Name extends string> = Readonly<Partial<Record<Name, string | number>>>;

interface MetricOptions<Name extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Name[];
}

/** How many values a label of one metric may have; all further ones count as `other`. */
const VALUES_PER_LABEL_MAX = 200;
/** How many combinations of values one metric may have; in all further ones each label is `other`. */
const COMBINATIONS_MAX = 4_000;
/** Shorter than the patience of scrapers, which is 10 s unless somebody changed it. */
const COLLECT_MS_MAX = 2_000;
const SUMMARY_QUANTILES = [0.5, 0.9, 0.95, 0.99];
const SUMMARY_AGE_SECONDS = 600;
/** Seconds, from a fast statement to a slow ledger. */
const SECONDS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Keeps the number of series bounded whatever the values are: never label by payment, path or person. */
class BoundedLabels<Name extends string> {
  private readonly seen = new Map<string, Set<string>>();
  private readonly combinations = new Set<string>();

  constructor(private readonly names: readonly Name[]) {}

  /** How many combinations there are. */
  get size(): number {
    return this.combinations.size;
  }

  bound(labels: Labels<Name>): Record<string, string> {
    const bounded = this.boundEach(labels);
    const combination = JSON.stringify(Object.values(bounded));
    if (this.combinations.has(combination)) return bounded;
    if (this.combinations.size >= COMBINATIONS_MAX)
      return Object.fromEntries(Object.keys(bounded).map((name) => [name, 'other']));
    this.combinations.add(combination);
    return bounded;
  }

  private boundEach(labels: Labels<Name>): Record<string, string> {
    const bounded: Record<string, string> = {};
    // In one order, so that the same labels are the same series whoever writes them.
    for (const name of this.names) {
      const text = String(labels[name] ?? '');
      const values = this.seen.get(name) ?? new Set<string>();
      this.seen.set(name, values);
      const isKnown = values.has(text);
      if (!isKnown && values.size < VALUES_PER_LABEL_MAX) values.add(text);
      bounded[name] = isKnown || values.has(text) ? text : 'other';
    }
    return bounded;
  }
}

/**
 * `start` shows a series from now on, with nothing counted: a rate is right from its first event on, and the number
 * of series does not depend on what has happened. Do it for all values that a label can have, where they are known.
 */
export interface CounterMetric<Name extends string> {
  start(labels: Labels<Name>): void;
  add(labels: Labels<Name>, amount?: number): void;
}
export interface GaugeMetric<Name extends string> {
  set(labels: Labels<Name>, value: number): void;
  /** Forgets all series, so that what is gone or not known is not shown with its last value for ever. */
  reset(): void;
}
export interface DurationMetric<Name extends string> {
  start(labels: Labels<Name>): void;
  /** Seconds. */
  observe(labels: Labels<Name>, seconds: number): void;
  /** What observes one series, for whoever does it so often that finding the series each time would show. Takes seconds. */
  observerOf(labels: Labels<Name>): (seconds: number) => void;
}

/** What a process has open at this moment, by type: series that come and go. Their totals stay. */
const UNSTEADY = ['nodejs_active_resources', 'nodejs_active_handles', 'nodejs_active_requests'];
const GC_KINDS = ['major', 'minor', 'incremental', 'weakcb'];

/** The metrics of one process. Made once in `main.ts` and served at `/metrics`. */
export class MetricsRegistry {
  private readonly registry = new Registry();
  private readonly questions: Question[] = [];

  /** Event loop, heap, file descriptors and the like of this process. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
    for (const name of UNSTEADY) this.registry.removeSingleMetric(name);
    const gc = this.registry.getSingleMetric('nodejs_gc_duration_seconds');
    if (gc instanceof Histogram) for (const kind of GC_KINDS) gc.zero({ kind });
  }

  /**
   * Runs `ask` before each scrape, to set gauges that are only known by asking. A scrape waits two seconds for it;
   * when it fails or takes longer, `forget` runs, since an old answer is worse than none.
   */
  collect(ask: () => Promise<void>, forget: () => void): void {
    this.questions.push({ ask, forget });
  }

  counter<Name extends string>({ name, help, labels = [] }: MetricOptions<Name>): CounterMetric<Name> {
    const metric = new Counter<string>({ name, help, labelNames: [...labels], registers: [this.registry] });
    const bounds = new BoundedLabels(labels);
    return {
      start: (given) => metric.inc(bounds.bound(given), 0),
      add: (given, amount = 1) => metric.inc(bounds.bound(given), amount),
    };
  }

  /** `read` runs at each scrape, to set what this process knows without asking anybody. It must not throw. */
  gauge<Name extends string>(
    { name, help, labels = [] }: MetricOptions<Name>,
    read?: (gauge: GaugeMetric<Name>) => void,
  ): GaugeMetric<Name> {
    const bounds = new BoundedLabels(labels);
    const metric = new Gauge<string>({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(read === undefined ? {} : { collect: () => read(gauge) }),
    });
    const gauge: GaugeMetric<Name> = {
      set: (given, value) => metric.set(bounds.bound(given), value),
      reset: () => {
        if (labels.length === 0) metric.remove();
        else metric.reset();
      },
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
    const bounds = new BoundedLabels(labels);
    return {
      start: (given) => {
        const known = bounds.size;
        const own = bounds.bound(given);
        // What is known counts already, and zero would forget it.
        if (bounds.size > known) metric.zero(own);
      },
      observe: (given, seconds) => metric.observe(bounds.bound(given), seconds),
      observerOf: (given) => {
        const own = bounds.bound(given);
        return (seconds) => metric.observe(own, seconds);
      },
    };
  }

  summary<Name extends string>({ name, help, labels = [] }: MetricOptions<Name>): DurationMetric<Name> {
    const metric = new SteadySummary({
      name,
      help,
      labelNames: [...labels],
      percentiles: SUMMARY_QUANTILES,
      maxAgeSeconds: SUMMARY_AGE_SECONDS,
      ageBuckets: 5,
      registers: [this.registry],
    });
    const bounds = new BoundedLabels(labels);
    return {
      start: (given) => metric.start(bounds.bound(given)),
      observe: (given, seconds) => metric.add(bounds.bound(given), seconds),
      observerOf: (given) => {
        const own = bounds.bound(given);
        return (seconds) => metric.add(own, seconds);
      },
    };
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The text that a scraper reads. */
  async text(): Promise<string> {
    await Promise.all(this.questions.map((question) => askInTime(question, COLLECT_MS_MAX)));
    return await this.registry.metrics();
  }
}
