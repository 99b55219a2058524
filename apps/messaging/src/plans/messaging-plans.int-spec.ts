import { signLink, ledgerKeyOf } from '@libs/ledger-stellar/web-auth';
import {
  DryRunOutboxRepository,
  MessageRepository,
  OldMessagesRepository,
  SendQueueRepository,
  ShortLinkRepository,
} from '@libs/messages';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { InvitationStampsRepository } from '@libs/receivers';
import { TenantIdsReadModel } from '@libs/tenants';
import {
  dearStatements,
  readersOfWhole,
  type SeenPlan,
  seePlans,
  tellPlans,
  testDatabase,
  type TestDatabase,
} from '@libs/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { EndRests } from '../invitations/end-rests.job';
import { InvitationCandidatesReadModel } from '../invitations/invitation-candidates.read-model';
import { InvitationStandingsReadModel } from '../invitations/invitation-standings.read-model';
import { InvitationSweep } from '../invitations/invitation-sweep.job';
import { Invitations } from '../invitations/invitations.service';
import { RestingInvitationsReadModel } from '../invitations/resting-invitations.read-model';
import { ForgetMessages } from '../retention/forget-messages.job';
import { OldMessagesReadModel } from '../retention/old-messages.read-model';
import { DryRunMessenger } from '../sending/dry-run-messenger.adapter';
import { MessageSender } from '../sending/message-sender.service';
import { SendResults } from '../sending/send-results.service';
import { givenPerson, givenTenant, type Tenant } from '../testing/given-people';

const PAST = 40_000;
const JUST_PUBLISHED = 20_000;
const PEOPLE = 120;
/** Once an hour they go along a thousand messages at most, in the order in which they were written, and stop at the young. */
const BY_PURPOSE = ['AS may_go FROM', 'DELETE FROM messages.dry_run_outbox'];
const LARGE = ['payments', 'receivers', 'receiver_wallets', 'messages', 'disbursements', 'short_links'];

describe('statements of messaging over large tables', () => {
  let database: TestDatabase;
  let superuser: Client;
  let messaging: Database;
  let seen: SeenPlan[];

  beforeAll(async () => {
    database = await testDatabase();
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    const tenant = await givenTenant(superuser);
    await addHistory(superuser, tenant);
    for (let person = 0; person < PEOPLE; person += 1) await givenPerson(superuser, tenant);
    await addFileJustPublished(superuser, tenant);
    await tellPlans(database, 'messaging');
    messaging = new Database({ url: database.url('messaging'), applicationName: 'test' });
    seen = seePlans(messaging);
    await runEverything(messaging, superuser, tenant);
  }, 120_000);
  afterAll(async () => {
    await messaging.close();
    await superuser.end();
    await database.drop();
  });

  it('go over no more than fifty rows for each that they use', () => {
    const others = seen.filter(({ statement }) => !BY_PURPOSE.some((part) => statement.includes(part)));
    expect(dearStatements(others)).toEqual([]);
  });

  it('read no large table from end to end', () => {
    expect(readersOfWhole(LARGE, seen)).toEqual([]);
  });

  it('were all seen: each step of a message has left its own', () => {
    for (const part of [
      "(rw.status = 'READY') IS TRUE ORDER BY rw.id, waiting.disbursement_id",
      'ORDER BY status, receiver_id FETCH FIRST',
      'INSERT INTO messages.messages',
      'INSERT INTO messages.short_links',
      'lease_until = now() +',
      'UPDATE receivers.receiver_wallets rw',
      'AS resting',
      `next_try_at = 'infinity', updated_at`,
      ") <> 'PAUSED' LIMIT",
      'FOR UPDATE SKIP LOCKED',
      'failure_reason = $5',
      'INSERT INTO messages.dry_run_outbox',
      'DELETE FROM messages.messages',
    ]) {
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    }
  });
});

/** People who were invited, registered and paid long ago, in the same organisation. */
async function addHistory(superuser: Client, tenant: Tenant): Promise<void> {
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    superuser.query(text, [...values]);
  await sql('SET session_replication_role = replica');
  await sql(
    `CREATE TEMP TABLE people AS
       SELECT n, uuidv7() AS id, uuidv7() AS wallet FROM generate_series(1, ${String(PAST)}) AS n`,
  );
  await sql(`CREATE TEMP TABLE rounds AS SELECT n, uuidv7() AS id FROM generate_series(0, 99) AS n`);
  await sql(
    `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
     SELECT $1, id, 'Round ' || n, $2, $3, 'COMPLETED', 'PHONE_NUMBER', 'PIN' FROM rounds`,
    [tenant.id, tenant.assetId, tenant.walletId],
  );
  await sql(
    `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
     SELECT $1, id, '+2547' || 10000000 + n, 'P' FROM people`,
    [tenant.id],
  );
  await sql(
    `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address, invited_at, invitation_sent_at)
     SELECT $1, wallet, id, $2, 'REGISTERED', 'G' || left(translate(upper(encode(sha256(n::text::bytea), 'hex')), '0189', 'GHIJ'), 55),
            now(), now() FROM people`,
    [tenant.id, tenant.walletId],
  );
  await sql(
    `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount,
       status, dispatch, stellar_transaction_id)
     SELECT $1, uuidv7(), 'DISBURSEMENT', r.id, p.id, p.wallet, $2, 5, 'SUCCESS', 1, repeat('a', 64)
       FROM people p JOIN rounds r ON r.n = p.n % 100`,
    [tenant.id, tenant.assetId],
  );
  await sql(
    `INSERT INTO messages.messages (tenant_id, id, kind, priority, status, recipient_sealed, title_sealed, body_sealed, channels,
       receiver_wallet_id, disbursement_id, round, cause, sent_at)
     SELECT $1, uuidv7(), 'invitation', 0, 'SUCCESS', '', '', '', '{SMS}', p.wallet, r.id, 0, 'first', now()
       FROM people p JOIN rounds r ON r.n = p.n % 100`,
    [tenant.id],
  );
  await sql(
    `INSERT INTO messages.short_links (tenant_id, code, url, url_digest)
     SELECT $1, lpad(n::text, 8, '0'), 'http://pay.test/' || n, sha256(n::text::bytea) FROM people`,
    [tenant.id],
  );
  await sql('SET session_replication_role = origin');
  await sql('VACUUM (ANALYZE)');
}

/**
 * A disbursement that was started and paused at once: of its people, payments, and invitations that rest the planner's statistics
 * do not know yet, as they never do in the first minute.
 */
async function addFileJustPublished(superuser: Client, tenant: Tenant): Promise<void> {
  await superuser.query('SET session_replication_role = replica');
  await superuser.query(
    `WITH people AS MATERIALIZED (
       SELECT n, uuidv7() AS id, uuidv7() AS wallet FROM generate_series(1, ${String(JUST_PUBLISHED)}) AS n),
     d AS (
       INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
       SELECT $1, uuidv7(), 'Next round', $2, $3, 'PAUSED', 'PHONE_NUMBER', 'PIN' RETURNING id),
     receivers AS (
       INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
       SELECT $1, id, '+2548' || 10000000 + n, 'P' FROM people),
     wallets AS (
       INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
       SELECT $1, wallet, id, $3, CASE WHEN n % 2 = 0 THEN 'READY' ELSE 'DRAFT' END FROM people),
     payments AS (
       INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT $1, uuidv7(), 'DISBURSEMENT', d.id, p.id, p.wallet, $2, 5, 'PAUSED' FROM people p CROSS JOIN d)
     INSERT INTO messages.messages (tenant_id, id, kind, priority, status, recipient_sealed, title_sealed, body_sealed, channels,
       receiver_wallet_id, disbursement_id, round, cause, next_try_at)
     SELECT $1, uuidv7(), 'invitation', 2, 'PENDING', '', '', '', '{SMS}', p.wallet, d.id, 0, 'first', 'infinity'
       FROM people p CROSS JOIN d`,
    [tenant.id, tenant.assetId, tenant.walletId],
  );
  await superuser.query('SET session_replication_role = origin');
}

/** Invitations, their sending, the walk for reminders, and the clock that forgets. */
async function runEverything(messaging: Database, superuser: Client, tenant: Tenant): Promise<void> {
  const key = randomBytes(32);
  const work = new UnitOfWork(messaging);
  const candidates = new InvitationCandidatesReadModel();
  const invitations = new Invitations({
    candidates,
    messages: new MessageRepository(key),
    links: new ShortLinkRepository(),
    sign: (link) => signLink(link, ledgerKeyOf(Keypair.random().secret())),
    resendsMax: 3,
  });
  const tenants = new TenantIdsReadModel();
  await new InvitationSweep({ work, tenants, candidates, invitations, logger: silentLogger }).run();
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await work.run({ tenantId: tenant.id, actor: 'system:test', trace: '' }, async (tx) => {
      await tx.execute(`SET LOCAL plan_cache_mode = ${mode}`);
      const waiting = await candidates.waitingAfter(tx, null, 100);
      await candidates.waitingAfter(tx, waiting.at(-1)?.receiverId ?? null, 100);
      await candidates.candidates(
        tx,
        waiting.map(({ id }) => id),
      );
    });
  }
  const queue = new SendQueueRepository(key);
  await meetAPause(work, queue, superuser, tenant);
  const messenger = new DryRunMessenger(work, new DryRunOutboxRepository(key));
  const lost: unknown[] = [];
  const sender = new MessageSender(
    {
      work,
      queue,
      standings: new InvitationStandingsReadModel(),
      results: new SendResults({
        work,
        queue,
        stamps: new InvitationStampsRepository(),
        onLost: (error) => lost.push(error),
      }),
      messengers: { SMS: messenger, EMAIL: messenger },
      log: silentLogger,
    },
    { inFlightMax: 10, sweepEveryMs: 20 },
  );
  sender.start();
  const isSent = async (): Promise<boolean> =>
    (
      await superuser.query(
        `SELECT FROM messages.messages WHERE status IN ('PENDING', 'SENDING') AND next_try_at <= now() LIMIT 1`,
      )
    ).rowCount === 0;
  while (!(await isSent())) await new Promise((resolve) => setTimeout(resolve, 20));
  await sender.stop();
  expect(lost).toEqual([]);
  await superuser.query(
    `UPDATE messages.messages SET created_at = now() - interval '100 days' WHERE id IN (SELECT id FROM messages.messages ORDER BY id LIMIT 300)`,
  );
  const forget = new ForgetMessages({
    work,
    tenants,
    found: new OldMessagesReadModel(),
    messages: new OldMessagesRepository(),
    days: 30,
    logger: silentLogger,
  });
  await forget.run();
  await forget.run();
}

/** What the sender does with invitations that met a pause or are not wanted, and what core's word of the end of the pause does. */
async function meetAPause(
  work: UnitOfWork,
  queue: SendQueueRepository,
  superuser: Client,
  { id: tenantId }: Tenant,
): Promise<void> {
  const { rows } = await superuser.query<{ id: string; wallet: string; disbursement: string }>(
    `SELECT id, receiver_wallet_id AS wallet, disbursement_id AS disbursement FROM messages.messages
      WHERE status = 'PENDING' AND next_try_at <= now() LIMIT 20`,
  );
  await work.run({ tenantId, actor: 'system:test', trace: '' }, async (tx) => {
    await queue.postpone(
      tx,
      rows.map(({ id }) => id),
      60,
    );
    for (const { wallet, disbursement } of rows.slice(1)) await queue.endRest(tx, [wallet], disbursement);
    await queue.giveUpUnwanted(
      tx,
      rows.slice(0, 1).map(({ id }) => id),
    );
    await queue.restUntilResumed(
      tx,
      rows.slice(1).map(({ id }) => id),
    );
  });
  const resting = new RestingInvitationsReadModel();
  const sender = { wake: () => undefined };
  await new EndRests({ work, resting, queue, sender, logger: silentLogger }).run();
}
