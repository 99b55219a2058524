import type { Outbox } from '@libs/eventing';
import type { MetricsRegistry } from '@libs/observability';
import {
  AttemptRepository,
  ChannelAccountRepository,
  type ChannelMaintenanceLock,
  ChannelPopulationRepository,
  ContradictionRepository,
  DestinationRepository,
  FeeRepository,
  Holds,
  HoldTrialRepository,
  InstanceRepository,
  LedgerCursorRepository,
  QueueAge,
  OutflowCeilings,
  OwnCauseRepository,
  SubmissionRepository,
  VaultRepository,
} from '@libs/submissions';
import { PaymentTermsRepository, TenantsRepository } from '@libs/tenants';

import { SetupService } from './accounts/setup.service';
import { OwnCauseLookUp } from './brakes/own-cause-look-up';
import { observeBrakes } from './brakes/brake-metrics';
import { ChannelCreationService } from './channels/channel-creation.service';
import { ChannelLeaseService } from './channels/channel-lease.service';
import { observeChannels } from './channels/channel-metrics';
import { ChannelPopulationService } from './channels/channel-population.service';
import { ChannelRetirementService } from './channels/channel-retirement.service';
import { Engine } from './engine';
import type { EngineContext } from './engine-context';
import { EngineMetrics } from './engine-metrics';
import { HoldReview } from './hold-review';
import type { LedgerKeys } from './keys/ledger-keys.port';
import { PayingAccounts } from './keys/paying-accounts';
import { CallsPerPayment } from './ledger/calls-per-payment';
import { observeLedger } from './ledger/ledger-metrics';
import { LedgerWatch } from './ledger/ledger-watch';
import { CallBudget } from './preflight/call-budget';
import { PreflightService } from './preflight/preflight.service';
import { assembleRestoreGuard } from './restore/restore-guard-assembly';
import { observeQueue } from './queue-metrics';
import { ResendingService } from './sending/resending.service';
import { SendingService } from './sending/sending.service';
import { Breaker } from './signing/breaker';
import { FeeRates } from './signing/fee-rates';
import { OutflowGate } from './signing/outflow-gate';
import { type SigningParts, SigningService } from './signing/signing.service';
import { TermsOfTenants } from './signing/terms-of-tenants';
import { ResolvingService } from './watching/resolving.service';
import { SettlingService } from './watching/settling.service';
import { FeedPositions } from './watching/feed-positions';
import { TransactionFeed } from './watching/transaction-feed';
import { WatchingService } from './watching/watching.service';

export interface AssemblyOptions {
  readonly keys: LedgerKeys;
  readonly outbox: Outbox;
  readonly metrics: MetricsRegistry;
  /** Where the calls to nodes are counted, so that payments are counted there, too. */
  readonly perPayment?: CallsPerPayment;
  readonly ledgerPollMs: number;
  /** One process at a time makes and merges channel accounts. */
  readonly maintenance: ChannelMaintenanceLock;
  /** What to do when others took over because this instance was silent for too long; nothing when it is left out. */
  readonly onDeclaredDead?: () => void;
}

export interface AssembledEngine {
  readonly engine: Engine;
  readonly watch: LedgerWatch;
  readonly feed: TransactionFeed;
  readonly leases: ChannelLeaseService;
  readonly population: ChannelPopulationService;
  readonly setup: SetupService;
  readonly sending: SendingService;
  readonly review: HoldReview;
}

/** Puts the engine together. The application and the tests use the same one. */
export function assembleEngine(context: EngineContext, options: AssemblyOptions): AssembledEngine {
  const { keys, outbox, metrics, ledgerPollMs, maintenance: lock } = options;
  const now = (): number => performance.now();
  const rows = repositories();
  const { submissions, attempts, channels, holds } = rows;
  const breaker = new Breaker(() => Math.max(context.settings.channelAccounts, leases.usableByAnybody));
  const engineMetrics = new EngineMetrics(metrics, options.perPayment ?? new CallsPerPayment(metrics, now));
  const { paying, terms, fees, signing } = assembleSigning(context, {
    ...rows,
    breaker,
    keys,
    outbox,
    metrics: engineMetrics,
    newest: () => (watch.isFresh() ? watch.latest : null),
  });
  const sending = new SendingService(context.submitter, () => {
    engine.wake();
  });
  const positions = new FeedPositions(context, new LedgerCursorRepository(), now);
  const { reader, logger } = context;
  const feed = new TransactionFeed({ reader, positions, now, logger });
  const settling = new SettlingService(context, { ...rows, outbox, fees: new FeeRepository(), terms });
  const leases = new ChannelLeaseService(context, {
    channels,
    instances: new InstanceRepository(),
    onDeclaredDead: options.onDeclaredDead ?? ((): void => undefined),
    onForgotten: (addresses) => restore.doubtSequences(addresses),
  });
  const restore = assembleRestoreGuard(context, { attempts, metrics, host: keys.host.account });
  const setup = new SetupService(context);
  const watch = new LedgerWatch({
    reader,
    now,
    logger,
    everyMs: ledgerPollMs,
    isWhole: (ledger) => feed.holds(ledger),
    anchor: () => positions.anchor(),
    onLedger: () => {
      engine.wake();
    },
  });
  const engine: Engine = new Engine(context, {
    watch,
    leases,
    signing,
    sending,
    resending: new ResendingService(context, { attempts, channels, paying, sending, terms, fees }),
    watching: new WatchingService(context, { attempts, feed, settling, resolving: resolvingOf(context) }),
    feed,
    breaker,
    submissions,
    attempts,
    channels,
    holds,
    metrics: engineMetrics,
    restore,
  });
  const population = assemblePopulation(context, { channels, keys, setup, metrics, lock });
  observeLedger(metrics, watch);
  observeQueue(metrics, context.uow, { age: new QueueAge(), sending, breaker });
  const review = new HoldReview(context, {
    holds,
    trials: new HoldTrialRepository(),
    causes: new OwnCauseLookUp(context, { paying, terms, fees, causes: new OwnCauseRepository() }),
    newest: () => watch.latest,
  });
  return { engine, watch, feed, leases, population, setup, sending, review };
}

const repositories = () => ({
  submissions: new SubmissionRepository(),
  attempts: new AttemptRepository(),
  channels: new ChannelAccountRepository(),
  holds: new Holds(),
  destinations: new DestinationRepository(),
});

interface SigningAssemblyParts extends Pick<
  SigningParts,
  'submissions' | 'attempts' | 'channels' | 'breaker'
> {
  readonly destinations: DestinationRepository;
  readonly keys: LedgerKeys;
  readonly outbox: Outbox;
  readonly metrics: EngineMetrics;
  readonly newest: SigningParts['newest'];
}

/** What signs, with what others need of it: on which terms, from which accounts, at which fees. */
function assembleSigning(
  context: EngineContext,
  parts: SigningAssemblyParts,
): Pick<SigningParts, 'paying' | 'terms' | 'fees'> & { readonly signing: SigningService } {
  const { submissions, attempts, channels, breaker, destinations, keys, outbox, metrics } = parts;
  const now = (): number => performance.now();
  const tenants = new TenantsRepository();
  const paying = new PayingAccounts(context.uow, { tenants, vault: new VaultRepository(), keys, now });
  const terms = new TermsOfTenants(context.uow, {
    repository: new PaymentTermsRepository(),
    ceiling: context.settings,
    now,
  });
  const fees = new FeeRates(context.reader, now);
  const budget = new CallBudget(context.settings.lookUpsPerSecond, now);
  const preflight = new PreflightService(context, {
    destinations,
    submissions,
    instances: new InstanceRepository(),
    outbox,
    budget,
    metrics,
    now,
  });
  const signing = new SigningService(context, {
    submissions,
    attempts,
    channels,
    paying,
    terms,
    fees,
    breaker,
    gate: new OutflowGate(context, { submissions, ceilings: new OutflowCeilings(), now }),
    preflight,
    newest: parts.newest,
  });
  return { paying, terms, fees, signing };
}

interface PopulationParts {
  readonly channels: ChannelAccountRepository;
  readonly keys: LedgerKeys;
  readonly setup: SetupService;
  readonly metrics: MetricsRegistry;
  readonly lock: ChannelMaintenanceLock;
}

function assemblePopulation(context: EngineContext, parts: PopulationParts): ChannelPopulationService {
  const { channels, keys, setup, metrics, lock } = parts;
  const population = new ChannelPopulationRepository();
  observeChannels(metrics, context.uow, population);
  observeBrakes(metrics, context.uow);
  const creation = new ChannelCreationService(context, { channels, population, keys, setup });
  const retirement = new ChannelRetirementService(context, { channels, population, keys, setup });
  return new ChannelPopulationService(context, { population, creation, retirement, lock });
}

const resolvingOf = (context: EngineContext): ResolvingService =>
  new ResolvingService(context, new ContradictionRepository());
