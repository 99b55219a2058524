import {
  type MetricObjectWithValues,
  type MetricValue,
  Summary,
  type SummaryConfiguration,
} from 'prom-client';

/** A summary that can show a series before its first observation; the one of prom-client cannot. */
export class SteadySummary extends Summary {
  /** By labels: null once it was observed, since then prom-client shows it. */
  private readonly started = new Map<string, Record<string, string> | null>();

  constructor(private readonly own: SummaryConfiguration<string> & { readonly percentiles: number[] }) {
    super(own);
  }

  start(labels: Record<string, string>): void {
    const key = this.keyOf(labels);
    if (!this.started.has(key)) this.started.set(key, labels);
  }

  add(labels: Record<string, string>, value: number): void {
    this.started.set(this.keyOf(labels), null);
    this.observe(labels, value);
  }

  override async get(): Promise<MetricObjectWithValues<MetricValue<string>>> {
    const nothing = [...this.started.values()].flatMap((labels) =>
      labels === null ? [] : this.nothing(labels),
    );
    const all = await super.get();
    return { ...all, values: [...all.values, ...nothing] };
  }

  private nothing(labels: Record<string, string>): MetricValue<string>[] {
    const quantiles = this.own.percentiles.map((quantile) => ({ labels: { quantile, ...labels }, value: 0 }));
    const totals = ['sum', 'count'].map((end) => ({
      metricName: `${this.own.name}_${end}`,
      labels,
      value: 0,
    }));
    return [...quantiles, ...totals];
  }

  private keyOf(labels: Record<string, string>): string {
    return JSON.stringify((this.own.labelNames ?? []).map((name) => labels[name]));
  }
}
