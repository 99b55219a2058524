import { brokerOptionsOf, EventRuntime } from '@libs/eventing';
import { ledgerKeyOf, signLink } from '@libs/ledger-stellar/web-auth';
import {
  DryRunOutboxRepository,
  MESSAGE_KINDS,
  MessageRepository,
  OldMessagesRepository,
  SendQueueRepository,
  ShortLinkRepository,
} from '@libs/messages';
import { type Logger, MetricsRegistry, observePool, startHealthServer, withTrace } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { InvitationStampsRepository } from '@libs/receivers';
import { TenantIdsReadModel } from '@libs/tenants';

import { EndRests } from './invitations/end-rests.job';
import { InvitationCandidatesReadModel } from './invitations/invitation-candidates.read-model';
import { InvitationSweep } from './invitations/invitation-sweep.job';
import { InvitationStandingsReadModel } from './invitations/invitation-standings.read-model';
import { Invitations } from './invitations/invitations.service';
import { OnNewInvitationHandler } from './invitations/on-new-invitation.handler';
import { RestingInvitationsReadModel } from './invitations/resting-invitations.read-model';
import type { MessagingSettings } from './messaging-settings';
import { outboxRoute } from './outbox/outbox-route';
import { ForgetMessages } from './retention/forget-messages.job';
import { OldMessagesReadModel } from './retention/old-messages.read-model';
import { MessageSender } from './sending/message-sender.service';
import { messengersOf } from './sending/messengers';
import { OnMessagesRequestedHandler } from './sending/on-messages-requested.handler';
import { MESSAGE_RESULTS, SendResults } from './sending/send-results.service';

export interface MessagingApp {
  /** Where /health, /ready, /metrics and /outbox are served. */
  readonly port: number;
  /** Finishes what is with the providers, then closes everything. */
  stop(): Promise<void>;
}

/** Starts the whole app: events in, messages out. */
export async function startMessaging(settings: MessagingSettings, logger: Logger): Promise<MessagingApp> {
  const database = new Database({
    url: settings.DATABASE_URL,
    applicationName: 'messaging',
    connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
  });
  await database.assertReady();
  const metrics = new MetricsRegistry();
  metrics.collectProcessMetrics();
  observePool(metrics, database.pool);
  const work = new UnitOfWork(database);
  const outbox = new DryRunOutboxRepository(
    settings.MESSAGE_ENCRYPTION_KEY,
    settings.MESSAGE_ENCRYPTION_KEYS_READABLE,
  );
  const sender = senderOf({ settings, logger, metrics, work, outbox });
  const runtime = new EventRuntime({
    database,
    group: 'messaging',
    broker: brokerOptionsOf(settings),
    logger,
    metrics,
  });
  addInvitations(runtime, { settings, work, sender, logger });
  runtime.addHandler(new OnMessagesRequestedHandler(sender));
  runtime.jobs.add(
    new ForgetMessages({
      work,
      tenants: new TenantIdsReadModel(),
      found: new OldMessagesReadModel(),
      messages: new OldMessagesRepository(),
      days: settings.MESSAGE_RETENTION_DAYS,
      logger,
    }),
  );
  const health = await startHealthServer({
    app: 'messaging',
    port: settings.MESSAGING_PORT,
    metrics,
    ready: async () => {
      await database.pool.query('SELECT 1');
      return runtime.problems();
    },
    routes: { '/outbox': outboxRoute(work, outbox) },
  });
  await runtime.start();
  sender.start();
  logger.info({ port: health.port }, 'messaging has started');
  return {
    port: health.port,
    stop: async () => {
      await runtime.stop();
      await sender.stop();
      await health.close();
      await database.close();
    },
  };
}

interface SenderParts {
  readonly settings: MessagingSettings;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly work: UnitOfWork;
  readonly outbox: DryRunOutboxRepository;
}

function senderOf({ settings, logger, metrics, work, outbox }: SenderParts): MessageSender {
  const queue = new SendQueueRepository(
    settings.MESSAGE_ENCRYPTION_KEY,
    settings.MESSAGE_ENCRYPTION_KEYS_READABLE,
  );
  const messengers = messengersOf(settings, work, outbox);
  const handedOver = metrics.counter({
    name: 'distributary_messages_total',
    help: 'Messages that were handed to a provider, or could not be opened for it, by kind and result.',
    labels: ['kind', 'result'],
  });
  for (const kind of MESSAGE_KINDS) for (const result of MESSAGE_RESULTS) handedOver.start({ kind, result });
  const results = new SendResults({
    work,
    queue,
    stamps: new InvitationStampsRepository(),
    onLost: (error, count) => {
      logger.error({ error, count }, 'results of messages could not be written: these messages go again');
    },
  });
  return new MessageSender(
    {
      work,
      queue,
      results,
      standings: new InvitationStandingsReadModel(),
      messengers,
      log: {
        info: ({ tenant, trace, ...fields }, message) => {
          withTrace({ tenantId: tenant, trace }, () => {
            logger.info(fields, message);
          });
        },
        warn: (fields, message) => {
          logger.warn(fields, message);
        },
        error: (fields, message) => {
          logger.error(fields, message);
        },
      },
      onResult: (kind, result) => {
        handedOver.add({ kind, result });
      },
    },
    { inFlightMax: settings.MESSAGES_IN_FLIGHT_MAX },
  );
}

function addInvitations(
  runtime: EventRuntime,
  parts: {
    readonly settings: MessagingSettings;
    readonly work: UnitOfWork;
    readonly sender: MessageSender;
    readonly logger: Logger;
  },
): void {
  const { settings, work, sender, logger } = parts;
  const key = ledgerKeyOf(settings.SEP10_SIGNING_PRIVATE_KEY);
  const candidates = new InvitationCandidatesReadModel();
  const invitations = new Invitations({
    candidates,
    messages: new MessageRepository(settings.MESSAGE_ENCRYPTION_KEY),
    links: new ShortLinkRepository(),
    sign: (link) => signLink(link, key),
    resendsMax: settings.MAX_INVITATION_RESEND_ATTEMPTS,
  });
  const queue = new SendQueueRepository(settings.MESSAGE_ENCRYPTION_KEY);
  runtime.addHandler(new OnNewInvitationHandler(invitations, queue, sender));
  const tenants = new TenantIdsReadModel();
  runtime.jobs.add(new InvitationSweep({ work, tenants, candidates, invitations, logger }));
  const resting = new RestingInvitationsReadModel();
  runtime.jobs.add(new EndRests({ work, resting, queue, sender, logger }));
}
