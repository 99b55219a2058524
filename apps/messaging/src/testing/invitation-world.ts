import { ledgerKeyOf, signLink } from '@libs/ledger-stellar/web-auth';
import {
  DryRunOutboxRepository,
  MessageRepository,
  SendQueueRepository,
  ShortLinkRepository,
} from '@libs/messages';
import { silentLogger } from '@libs/observability';
import { Database, type TenantContext, UnitOfWork } from '@libs/persistence';
import { InvitationStampsRepository } from '@libs/receivers';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { InvitationCandidatesReadModel } from '../invitations/invitation-candidates.read-model';
import { InvitationStandingsReadModel } from '../invitations/invitation-standings.read-model';
import { Invitations } from '../invitations/invitations.service';
import { DryRunMessenger } from '../sending/dry-run-messenger.adapter';
import { MessageSender } from '../sending/message-sender.service';
import { SendResults } from '../sending/send-results.service';
import type { Tenant } from './given-people';

const PATIENCE_MS = 10_000;
const LOOK_MS = 10;

/** Everything that writes and sends invitations, over a database of its own. */
export class InvitationWorld {
  readonly links = new ShortLinkRepository();
  readonly signer = ledgerKeyOf(Keypair.random().secret());
  readonly queue: SendQueueRepository;
  readonly work: UnitOfWork;
  readonly invitations: Invitations;
  private readonly outbox: DryRunOutboxRepository;

  private constructor(
    private readonly database: TestDatabase,
    readonly superuser: Client,
    private readonly messaging: Database,
  ) {
    const key = randomBytes(32);
    this.queue = new SendQueueRepository(key);
    this.outbox = new DryRunOutboxRepository(key);
    this.work = new UnitOfWork(messaging);
    this.invitations = new Invitations({
      candidates: new InvitationCandidatesReadModel(),
      messages: new MessageRepository(key),
      links: this.links,
      sign: (link) => signLink(link, this.signer),
      resendsMax: 3,
    });
  }

  static async open(): Promise<InvitationWorld> {
    const database = await testDatabase();
    const superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    const messaging = new Database({ url: database.url('messaging'), applicationName: 'test' });
    return new InvitationWorld(database, superuser, messaging);
  }

  async close(): Promise<void> {
    await this.messaging.close();
    await this.superuser.end();
    await this.database.drop();
  }

  contextOf({ id }: Tenant): TenantContext {
    return { tenantId: id, actor: 'system:test', trace: '' };
  }

  /** How many invitations are new. */
  async invite(tenant: Tenant, receiverWalletIds: readonly string[]): Promise<number> {
    return await this.work.run(this.contextOf(tenant), (tx) =>
      this.invitations.inviteDue(tx, receiverWalletIds, 'all'),
    );
  }

  async outboxOf(recipient: string): ReturnType<DryRunOutboxRepository['list']> {
    return await this.work.runSystem('test', (tx) => this.outbox.list(tx, { recipient, limit: 10 }));
  }

  /** Sends everything that is due, then stops. */
  async send(): Promise<void> {
    await this.sendUntil(async () => {
      const sql = `SELECT 1 FROM messages.messages WHERE status IN ('PENDING', 'SENDING')`;
      return (await this.superuser.query(sql)).rowCount === 0;
    });
  }

  async sendUntil(isSo: () => Promise<boolean>): Promise<void> {
    const { work, queue } = this;
    const dryRun = new DryRunMessenger(work, this.outbox);
    const onLost = (error: unknown): void => {
      throw error;
    };
    const sender = new MessageSender(
      {
        work,
        queue,
        standings: new InvitationStandingsReadModel(),
        results: new SendResults({ work, queue, stamps: new InvitationStampsRepository(), onLost }),
        messengers: { SMS: dryRun, EMAIL: dryRun },
        log: silentLogger,
      },
      { inFlightMax: 10, sweepEveryMs: 20 },
    );
    sender.start();
    try {
      for (const end = performance.now() + PATIENCE_MS; !(await isSo());) {
        if (performance.now() > end) throw new Error('it never came to that');
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    } finally {
      await sender.stop();
    }
  }
}
