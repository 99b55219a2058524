import { type Benchmark, type BenchmarkReport, medianOf, mustBe, quantileOf, rounded } from './benchmark';
import { StaffSystem } from './staff-system';
import { Load, type Timing } from './system/load';
import {
  addYears,
  disbursementName,
  externalPaymentId,
  PAYMENTS_PER_DISBURSEMENT,
  phoneNumber,
  type Years,
} from './system/payments-of-years';

const CLIENTS = 50;
/** Beginning: until each connection has kept its plans, of which it makes the first five of every statement anew, and the code is compiled. */
const ASKED = {
  full: { beginning: 2_000, alone: 1_000, together: 6_000 },
  quick: { beginning: 200, alone: 100, together: 300 },
};
const STATISTICS_ASKED = 20;
const RECEIVERS_PER_PAYMENT = 0.5;
const PAGE_MAX = 5_000;
const PAGE_SIZE = 20;

type Kind = 'first' | 'filtered' | 'text' | 'deep';

interface Question {
  readonly kind: Kind;
  readonly path: string;
}

/**
 * What staff look at all day, over the payments of years: first pages, filters with an order, free text, pages far behind. Fifty
 * clients until the process has warmed up, whose times are told apart, then one client, then fifty. Every answer is a 200, the
 * totals are right, and what is looked for by its number is found.
 */
export const readsBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  const loads: Load[] = [];
  try {
    tell(`adding ${String(n)} payments`);
    const years = await addYears(system.sql, system.organisation, {
      payments: n,
      receivers: Math.max(1, Math.round(n * RECEIVERS_PER_PAYMENT)),
    });
    const token = await system.token();
    const load = (clients: number): Load => {
      const one = new Load(new URL(system.url), { authorization: `Bearer ${token}` }, clients);
      loads.push(one);
      return one;
    };
    const questions = new Questions(years);
    const asked = quick ? ASKED.quick : ASKED.full;
    const beginning = await run(load(CLIENTS), questions.take(asked.beginning));
    tell(`${String(CLIENTS)} clients as the process begins: ${sentenceOf(beginning)}`);
    await checkTotals(load(1), years);
    const alone = await run(load(1), questions.take(asked.alone));
    tell(`one client: ${sentenceOf(alone)}`);
    const together = await run(load(CLIENTS), questions.take(asked.together));
    tell(`${String(CLIENTS)} clients: ${sentenceOf(together)}`);
    const statistics = await load(1).askAll(Array.from({ length: STATISTICS_ASKED }, () => '/statistics'));
    for (const line of await system.dearest(15)) tell(line);
    return {
      id: 'reads',
      n,
      metrics: {
        receivers: years.receivers,
        disbursements: years.disbursements,
        oneClientP50Ms: rounded(quantile(alone, 0.5)),
        oneClientP99Ms: rounded(quantile(alone, 0.99)),
        firstPageP50Ms: rounded(quantile(alone, 0.5, 'first')),
        filteredP50Ms: rounded(quantile(alone, 0.5, 'filtered')),
        textP50Ms: rounded(quantile(alone, 0.5, 'text')),
        deepP50Ms: rounded(quantile(alone, 0.5, 'deep')),
        beginningFiftyClientsP99Ms: rounded(quantile(beginning, 0.99)),
        fiftyClientsP50Ms: rounded(quantile(together, 0.5)),
        fiftyClientsP99Ms: rounded(quantile(together, 0.99)),
        requestsPerSecond: rounded((together.answers.length / together.milliseconds) * 1_000),
        statisticsP50Ms: rounded(medianOf(statistics.map((one) => one.milliseconds))),
        statisticsMaxMs: rounded(
          quantileOf(
            statistics.map((one) => one.milliseconds),
            1,
          ),
        ),
      },
      targets: {
        oneClientP50Ms: { atMost: 10 },
        fiftyClientsP99Ms: { atMost: 200 },
        requestsPerSecond: { atLeast: 300 },
      },
    };
  } finally {
    for (const one of loads) one.close();
    await system.stop();
  }
};

/** The same questions in each run: a generator with a fixed seed draws them. */
class Questions {
  private state = 20_260_101;

  constructor(private readonly years: Years) {}

  take(count: number): readonly Question[] {
    return Array.from({ length: count }, () => this.next());
  }

  private next(): Question {
    const share = this.below(100);
    if (share < 60)
      return { kind: 'first', path: this.oneOf(['/payments', '/payments', '/receivers', '/disbursements']) };
    if (share < 85) return { kind: 'filtered', path: this.filtered() };
    if (share < 95) return { kind: 'text', path: this.text() };
    return { kind: 'deep', path: this.deep() };
  }

  private filtered(): string {
    const order = `&sort=${this.oneOf(['created_at', 'updated_at'])}&direction=${this.oneOf(['asc', 'desc'])}`;
    const status = this.oneOf(['success', 'failed', 'canceled', 'ready', 'pending']);
    const day = new Date(Date.now() - this.below(1_000) * 86_400_000).toISOString().slice(0, 10);
    return this.oneOf([
      `/payments?status=${status}${order}`,
      `/payments?type=direct${order}`,
      `/payments?status=${status}&created_at_before=${day}${order}`,
      `/payments?created_at_after=${day}&created_at_before=${day}${order}`,
      `/receivers?status=${this.oneOf(['registered', 'ready', 'flagged'])}${order}`,
      `/receivers?created_at_before=${day}${order}`,
      `/disbursements?status=completed&sort=name&direction=asc`,
      `/disbursements?status=started`,
    ]);
  }

  private text(): string {
    const { payments, receivers, disbursements } = this.years;
    return this.oneOf([
      `/payments?q=${externalPaymentId(this.below(payments))}`,
      `/payments?q=${encodeURIComponent(disbursementName(this.below(disbursements)))}`,
      `/payments?q=${externalPaymentId(this.below(payments)).slice(-6)}`,
      `/receivers?q=${encodeURIComponent(phoneNumber(this.below(receivers)))}`,
      `/receivers?q=${phoneNumber(this.below(receivers)).slice(-6)}`,
      `/receivers?q=person.${String(2 * this.below(receivers >> 1))}@`,
      `/disbursements?q=round%20${String(this.below(disbursements))}`,
    ]);
  }

  private deep(): string {
    const { payments, receivers } = this.years;
    const [list, rows] = this.oneOf([
      ['payments', payments],
      ['receivers', receivers],
    ] as const);
    return `/${list}?page=${String(1 + this.below(Math.min(PAGE_MAX, Math.floor(rows / PAGE_SIZE))))}`;
  }

  private oneOf<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('there is something to choose from');
    return value;
  }

  /** A whole number from 0 to below the limit (a linear congruential generator; its high bits). */
  private below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
}

interface Run {
  readonly questions: readonly Question[];
  readonly answers: readonly Timing[];
  readonly milliseconds: number;
}

async function run(load: Load, questions: readonly Question[]): Promise<Run> {
  const startedAt = performance.now();
  const answers = await load.askAll(questions.map(({ path }) => path));
  return { questions, answers, milliseconds: performance.now() - startedAt };
}

const quantile = ({ questions, answers }: Run, share: number, kind?: Kind): number =>
  quantileOf(
    answers
      .filter((_, index) => kind === undefined || questions[index]?.kind === kind)
      .map(({ milliseconds }) => milliseconds),
    share,
  );

/** With the three slowest, for whoever looks for what is slow. */
function sentenceOf(done: Run): string {
  const slowest = done.answers
    .map(({ milliseconds }, index) => ({ milliseconds, path: done.questions[index]?.path ?? '' }))
    .toSorted((one, other) => other.milliseconds - one.milliseconds)
    .slice(0, 8)
    .map(({ milliseconds, path }) => `${String(Math.round(milliseconds))} ms ${path}`);
  return `p50 ${String(rounded(quantile(done, 0.5)))} ms, p99 ${String(rounded(quantile(done, 0.99)))} ms; slowest: ${slowest.join('; ')}`;
}

async function checkTotals(load: Load, { payments, receivers, disbursements }: Years): Promise<void> {
  const found = async (path: string): Promise<{ readonly total: number; readonly rows: number }> => {
    const { body } = await load.ask(path);
    const { pagination, data } = JSON.parse(body) as { pagination: { total: number }; data: unknown[] };
    return { total: pagination.total, rows: data.length };
  };
  mustBe('total of payments', (await found('/payments')).total, payments);
  mustBe('total of receivers', (await found('/receivers')).total, receivers);
  mustBe('total of disbursements', (await found('/disbursements')).total, disbursements);
  const middle = payments >> 1;
  mustBe('payments of one number', (await found(`/payments?q=${externalPaymentId(middle)}`)).total, 1);
  const name = disbursementName(Math.floor(middle / PAYMENTS_PER_DISBURSEMENT));
  const ofRound = (await found(`/payments?q=${encodeURIComponent(name)}`)).rows;
  mustBe('a page of payments of one disbursement', ofRound, Math.min(PAGE_SIZE, payments));
  mustBe(
    'people of one number',
    (await found(`/receivers?q=${phoneNumber(receivers >> 1).slice(1)}`)).total,
    1,
  );
  const last = await found(`/payments?page=${String(Math.min(PAGE_MAX, Math.floor(payments / PAGE_SIZE)))}`);
  mustBe('payments on a page far behind', last.rows, PAGE_SIZE);
}
