import { type EventOf, paymentRequestedV1 } from '@libs/contracts';
import { type BrokerOptions, done, EventHandler, EventRuntime, type Outcome } from '@libs/eventing';
import { MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, type TenantTx } from '@libs/persistence';

/** What the process gets as its only argument, as JSON. */
interface ConsumerOrder {
  readonly databaseUrl: string;
  readonly group: string;
  readonly broker: BrokerOptions;
  /** Each event whose number divides by this fails the first time. */
  readonly failEach: number;
}

const NUMBER_DIGITS = 12;

type Requested = EventOf<typeof paymentRequestedV1>;

/** Writes a row per event: which one it was, and how late. */
class EffectHandler extends EventHandler<typeof paymentRequestedV1> {
  override readonly contract = paymentRequestedV1;
  private readonly failed = new Set<string>();

  constructor(private readonly order: ConsumerOrder) {
    super();
  }

  override async handle(tx: TenantTx, event: Requested): Promise<Outcome> {
    await this.handleAll(tx, [event]);
    return done;
  }

  override async handleAll(tx: TenantTx, events: readonly Requested[]): Promise<void> {
    for (const event of events) this.failOnce(event);
    await tx.queryPlanned(
      `INSERT INTO public.effects (consumer, tenant_id, key, number, lag_ms)
       SELECT $1, $2, e.key, e.number, extract(epoch FROM clock_timestamp() - e.occurred_at) * 1000
         FROM unnest($3::text[], $4::int[], $5::timestamptz[]) AS e (key, number, occurred_at)`,
      [
        this.order.group,
        tx.tenantId,
        events.map(({ key }) => key),
        events.map(numberOf),
        events.map((event) => event.occurred_at),
      ],
    );
  }

  private failOnce(event: Requested): void {
    if (numberOf(event) % this.order.failEach !== 0 || this.failed.has(event.id)) return;
    this.failed.add(event.id);
    throw new Error('it fails the first time');
  }
}

function numberOf({ data }: Requested): number {
  const [id = ''] = data.payment_ids;
  return Number.parseInt(id.slice(-NUMBER_DIGITS), 16);
}

async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '{}') as ConsumerOrder;
  const { databaseUrl, group, broker } = order;
  const database = new Database({ url: databaseUrl, applicationName: group, connectionsMax: 10 });
  const runtime = new EventRuntime({
    database,
    group,
    broker,
    logger: silentLogger,
    metrics: new MetricsRegistry(),
  });
  runtime.addHandler(new EffectHandler(order));
  await runtime.start();
  process.stdout.write(`${JSON.stringify({ started: true })}\n`);
  const end = async (): Promise<void> => {
    await runtime.stop();
    await database.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
}

void main();
