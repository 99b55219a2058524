import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import { newId } from '@libs/kernel';
import { isLinkSignedBy, ledgerKeyOf, signLink } from '@libs/ledger-stellar/web-auth';
import {
  DryRunOutboxRepository,
  MessageRepository,
  SendQueueRepository,
  ShortLinkRepository,
} from '@libs/messages';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { InvitationStampsRepository } from '@libs/receivers';
import { TenantIdsReadModel } from '@libs/tenants';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { DryRunMessenger } from '../sending/dry-run-messenger.adapter';
import { MessageSender } from '../sending/message-sender.service';
import { SendResults } from '../sending/send-results.service';
import { givenPerson, givenTenant, type Person, type Tenant } from '../testing/given-people';
import { EndRests } from './end-rests.job';
import { InvitationCandidatesReadModel } from './invitation-candidates.read-model';
import { InvitationStandingsReadModel } from './invitation-standings.read-model';
import { InvitationSweep } from './invitation-sweep.job';
import { Invitations } from './invitations.service';
import { OnNewInvitationHandler } from './on-new-invitation.handler';
import { RestingInvitationsReadModel } from './resting-invitations.read-model';

const key = randomBytes(32);
const links = new ShortLinkRepository();
const PATIENCE_MS = 10_000;
const SEED = Keypair.random().secret();

let database: TestDatabase;
let superuser: Client;
let messaging: Database;
let work: UnitOfWork;
let invitations: Invitations;
let tenant: Tenant;

beforeAll(async () => {
  database = await testDatabase();
  superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  messaging = new Database({ url: database.url('messaging'), applicationName: 'test' });
  work = new UnitOfWork(messaging);
  invitations = new Invitations({
    candidates: new InvitationCandidatesReadModel(),
    messages: new MessageRepository(key),
    links,
    sign: (link) => signLink(link, ledgerKeyOf(SEED)),
    resendsMax: 3,
  });
});

beforeEach(async () => {
  tenant = await givenTenant(superuser);
});

afterAll(async () => {
  await messaging.close();
  await superuser.end();
  await database.drop();
});

describe('an invitation', () => {
  it('goes once to each person, names the organisation, and leads to a link that the SEP-10 key signed', async () => {
    const people = [await givenPerson(superuser, tenant), await givenPerson(superuser, tenant)];
    const ids = people.map((person) => person.receiverWalletId);
    expect(await invite(ids)).toBe(2);
    expect(await invite(ids)).toBe(0);
    await send();

    const [mail] = await outboxOf(people[0]?.phoneNumber ?? '');
    const code = /http:\/\/pay\.test\/r\/([0-9a-z]{6}) /.exec(mail?.body ?? '')?.[1] ?? '';
    expect(mail?.body).toContain('from the Acme & Co.');
    const link = await work.run(context(), (tx) => links.urlOf(tx, code));
    expect(isLinkSignedBy(link ?? '', ledgerKeyOf(SEED).address)).toBe(true);
    expect(link).toContain('domain=pay.test&name=Acme+%26+Co');
    const { rows } = await superuser.query<{ invited: boolean }>(
      `SELECT invited_at IS NOT NULL AND invitation_sent_at IS NOT NULL AND last_message_sent_at IS NOT NULL AS invited
         FROM receivers.receiver_wallets WHERE id = ANY($1)`,
      [ids],
    );
    expect(rows).toEqual([{ invited: true }, { invited: true }]);
  });

  it.each([
    ['is flagged', { walletStatus: 'FLAGGED' }],
    ['has registered', { walletStatus: 'REGISTERED' }],
    ['has only a cancelled payment', { paymentStatus: 'CANCELED' }],
    ['has only a paused payment', { paymentStatus: 'PAUSED' }],
    ['is paid by a paused disbursement', { disbursementStatus: 'PAUSED' }],
  ] as const)('goes to nobody who %s', async (_, state) => {
    const { receiverWalletId } = await givenPerson(superuser, tenant, state);
    expect(await invite([receiverWalletId])).toBe(0);
  });

  it.each([
    [
      'was paused',
      `UPDATE disbursements.disbursements SET status = 'PAUSED' WHERE id = $1`,
      'disbursementId',
    ],
    [
      'has a paused payment',
      `UPDATE disbursements.payments SET status = 'PAUSED' WHERE disbursement_id = $1`,
      'disbursementId',
    ],
    [
      'was flagged',
      `UPDATE receivers.receiver_wallets SET status = 'FLAGGED' WHERE id = $1`,
      'receiverWalletId',
    ],
  ] as const)(
    'that is written already rests while its person %s, and goes when that is over',
    async (_, statement, of) => {
      const person = await givenPerson(superuser, tenant);
      const other = await givenPerson(superuser, tenant);
      await invite([person.receiverWalletId, other.receiverWalletId]);
      await superuser.query(statement, [person[of]]);
      const stateOf = async (): Promise<object[]> => {
        const { rows } = await superuser.query<{ status: string; tries: number; rests: boolean }>(
          `SELECT status, tries, next_try_at > now() + interval '20 s' AS rests FROM messages.messages WHERE receiver_wallet_id = $1`,
          [person.receiverWalletId],
        );
        return rows;
      };
      await sendUntil(async () => (await outboxOf(other.phoneNumber)).length === 1);
      expect(await stateOf()).toEqual([{ status: 'PENDING', tries: 0, rests: true }]);
      expect(await outboxOf(person.phoneNumber)).toEqual([]);
      await superuser.query(
        statement.replace(
          /'(PAUSED|FLAGGED)'/,
          statement.includes('.disbursements SET') ? "'STARTED'" : "'READY'",
        ),
        [person[of]],
      );
      // As if the minute of those had passed who wait for something else than a resume.
      await superuser.query(
        `UPDATE messages.messages SET next_try_at = now() WHERE receiver_wallet_id = $1 AND next_try_at <> 'infinity'`,
        [person.receiverWalletId],
      );
      await endRests();
      await send();
      expect(await outboxOf(person.phoneNumber)).toHaveLength(1);
    },
  );

  it('that met a pause goes as soon as the payments are resumed, and one that a provider asked to have later keeps its time', async () => {
    const person = await givenPerson(superuser, tenant);
    const asked = await givenPerson(superuser, tenant);
    const other = await givenPerson(superuser, tenant);
    const setTo = (status: string): Promise<unknown> =>
      superuser.query('UPDATE disbursements.payments SET status = $2 WHERE disbursement_id = $1', [
        person.disbursementId,
        status,
      ]);
    await invite([person, asked, other].map(({ receiverWalletId }) => receiverWalletId));
    await superuser.query(
      `UPDATE messages.messages SET tries = 1, next_try_at = now() + interval '1 hour' WHERE receiver_wallet_id = $1`,
      [asked.receiverWalletId],
    );
    await setTo('PAUSED');
    await sendUntil(async () => (await outboxOf(other.phoneNumber)).length === 1);
    await setTo('READY');
    for (const { disbursementId, receiverWalletId } of [person, asked])
      await resumed(disbursementId, receiverWalletId);
    await sendUntil(async () => (await outboxOf(person.phoneNumber)).length === 1);
    expect(await outboxOf(asked.phoneNumber)).toEqual([]);
    const { rows } = await superuser.query(
      `SELECT status, next_try_at > now() + interval '50 minutes' AS later FROM messages.messages WHERE receiver_wallet_id = $1`,
      [asked.receiverWalletId],
    );
    expect(rows).toEqual([{ status: 'PENDING', later: true }]);
    await superuser.query('UPDATE messages.messages SET next_try_at = now() WHERE receiver_wallet_id = $1', [
      asked.receiverWalletId,
    ]);
    await send();
  });

  it('of a paused disbursement is written once, however often it is looked at until the resume, and goes then', async () => {
    const person = await givenPerson(superuser, tenant);
    const other = await givenPerson(superuser, tenant);
    await invite([person.receiverWalletId, other.receiverWalletId]);
    await setDisbursement(person, 'PAUSED');
    await sendUntil(async () => (await outboxOf(other.phoneNumber)).length === 1);
    const asLeft = await restOf(person);
    expect(asLeft).toMatchObject({ status: 'PENDING', tries: 0, rests: true });

    await endRests();
    const later = await givenPerson(superuser, tenant);
    await invite([later.receiverWalletId]);
    await sendUntil(async () => (await outboxOf(later.phoneNumber)).length === 1);
    expect(await restOf(person)).toEqual(asLeft);
    expect(await outboxOf(person.phoneNumber)).toEqual([]);

    // The pause was too short to reach the payment, so core has no word for it.
    await setDisbursement(person, 'STARTED');
    await endRests();
    await send();
    expect(await outboxOf(person.phoneNumber)).toHaveLength(1);
  });

  it('that met a pause on its second try goes as soon as core tells of the resume', async () => {
    const person = await givenPerson(superuser, tenant);
    const other = await givenPerson(superuser, tenant);
    await invite([person.receiverWalletId, other.receiverWalletId]);
    await superuser.query('UPDATE messages.messages SET tries = 1 WHERE receiver_wallet_id = $1', [
      person.receiverWalletId,
    ]);
    await setDisbursement(person, 'PAUSED');
    await sendUntil(async () => (await outboxOf(other.phoneNumber)).length === 1);
    expect(await restOf(person)).toMatchObject({ tries: 1, rests: true });
    await setDisbursement(person, 'STARTED');
    await resumed(person.disbursementId, person.receiverWalletId);
    await send();
    expect(await outboxOf(person.phoneNumber)).toHaveLength(1);
  });

  it('does not go when the pause of its disbursement is over and its person is flagged', async () => {
    const person = await givenPerson(superuser, tenant);
    const other = await givenPerson(superuser, tenant);
    await invite([person.receiverWalletId, other.receiverWalletId]);
    await setDisbursement(person, 'PAUSED');
    await superuser.query(`UPDATE receivers.receiver_wallets SET status = 'FLAGGED' WHERE id = $1`, [
      person.receiverWalletId,
    ]);
    await sendUntil(async () => (await outboxOf(other.phoneNumber)).length === 1);
    await setDisbursement(person, 'STARTED');
    await endRests();
    await sendUntil(async () => (await restOf(person))?.['waits'] === true);
    expect(await restOf(person)).toMatchObject({ status: 'PENDING', tries: 0, rests: false });
    expect(await outboxOf(person.phoneNumber)).toEqual([]);
    await superuser.query('DELETE FROM messages.messages WHERE receiver_wallet_id = $1', [
      person.receiverWalletId,
    ]);
  });

  it('goes out although the messages of another organisation cannot be taken', async () => {
    const other = await givenTenant(superuser);
    const stuck = await givenPerson(superuser, tenant);
    const person = await givenPerson(superuser, other);
    await invite([stuck.receiverWalletId]);
    await work.run({ ...context(), tenantId: other.id }, (tx) =>
      invitations.inviteDue(tx, [person.receiverWalletId], 'all'),
    );
    await superuser.query(
      `CREATE FUNCTION fail_for_one() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.tenant_id = '${tenant.id}' THEN RAISE 'a broken row'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER fail_for_one BEFORE UPDATE ON messages.messages FOR EACH ROW EXECUTE FUNCTION fail_for_one()`,
    );
    await sendUntil(async () => (await outboxOf(person.phoneNumber)).length === 1);
    expect(await outboxOf(stuck.phoneNumber)).toEqual([]);
    await superuser.query('DROP FUNCTION fail_for_one CASCADE');
    await send();
  });

  it.each([
    [
      'the payment was cancelled',
      `UPDATE disbursements.payments SET status = 'CANCELED' WHERE receiver_wallet_id = $1`,
    ],
    [
      'the person has registered',
      `UPDATE receivers.receiver_wallets SET status = 'REGISTERED', stellar_address = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ' WHERE id = $1`,
    ],
  ])('that is written already is given up when %s', async (_, statement) => {
    const person = await givenPerson(superuser, tenant);
    await invite([person.receiverWalletId]);
    await superuser.query(statement, [person.receiverWalletId]);
    await send();
    expect(await outboxOf(person.phoneNumber)).toEqual([]);
    const { rows } = await superuser.query(
      'SELECT status, tries, failure_reason FROM messages.messages WHERE receiver_wallet_id = $1',
      [person.receiverWalletId],
    );
    expect(rows).toEqual([{ status: 'FAILURE', tries: 0, failure_reason: 'not wanted any more' }]);
  });

  it('goes out after all when the person is to be paid again', async () => {
    const person = await givenPerson(superuser, tenant);
    const setTo = (status: string): Promise<unknown> =>
      superuser.query('UPDATE disbursements.payments SET status = $2 WHERE receiver_wallet_id = $1', [
        person.receiverWalletId,
        status,
      ]);
    await invite([person.receiverWalletId]);
    await setTo('CANCELED');
    await send();
    await setTo('READY');
    expect(await invite([person.receiverWalletId])).toBe(1);
    await send();
    expect(await outboxOf(person.phoneNumber)).toHaveLength(1);
    expect(await invite([person.receiverWalletId])).toBe(0);
  });

  it('goes to nobody while the organisation has switched invitations off', async () => {
    await superuser.query(
      'UPDATE tenants.organizations SET receiver_invitations_disabled = true WHERE tenant_id = $1',
      [tenant.id],
    );
    const { receiverWalletId } = await givenPerson(superuser, tenant);
    expect(await invite([receiverWalletId])).toBe(0);
  });

  it('goes to nobody of another organisation', async () => {
    const other = await givenTenant(superuser);
    const { receiverWalletId } = await givenPerson(superuser, other);
    expect(await invite([receiverWalletId])).toBe(0);
  });

  it('goes out again when staff ask for it, but not while the one before is under way', async () => {
    const { receiverWalletId } = await givenPerson(superuser, tenant);
    const again = (): Promise<number> =>
      work.run(context(), (tx) => invitations.inviteAgain(tx, [receiverWalletId]));
    expect(await invite([receiverWalletId])).toBe(1);
    expect(await again()).toBe(0);
    await send();
    expect(await again()).toBe(1);
  });
});

describe('the walk over those who wait', () => {
  const walk = async (): Promise<number> => {
    const countNow = async (): Promise<number> =>
      (await superuser.query('SELECT 1 FROM messages.messages WHERE tenant_id = $1', [tenant.id])).rowCount ??
      0;
    const before = await countNow();
    const candidates = new InvitationCandidatesReadModel();
    const tenants = new TenantIdsReadModel();
    await new InvitationSweep({ work, tenants, candidates, invitations, logger: silentLogger }).run();
    return (await countNow()) - before;
  };

  it('finds those whose event came while the disbursement was paused', async () => {
    const { receiverWalletId, disbursementId } = await givenPerson(superuser, tenant, {
      disbursementStatus: 'PAUSED',
    });
    expect(await invite([receiverWalletId])).toBe(0);
    await superuser.query(`UPDATE disbursements.disbursements SET status = 'STARTED' WHERE id = $1`, [
      disbursementId,
    ]);
    expect(await walk()).toBe(1);
    expect(await walk()).toBe(0);
  });

  it('reminds after the interval, and never more often than the limit', async () => {
    const { receiverWalletId } = await givenPerson(superuser, tenant);
    await invite([receiverWalletId]);
    await send();
    expect(await walk()).toBe(0);
    await superuser.query(
      'UPDATE tenants.organizations SET receiver_invitation_resend_interval_days = 2 WHERE tenant_id = $1',
      [tenant.id],
    );
    expect(await walk()).toBe(0);
    await superuser.query(`UPDATE messages.messages SET sent_at = now() - interval '2 days 1 minute'`);
    expect(await walk()).toBe(1);
    expect(await walk()).toBe(0);
    await superuser.query(
      `UPDATE messages.messages SET sent_at = now() - interval '90 days', status = 'SUCCESS'`,
    );
    for (const expected of [1, 0]) expect(await walk()).toBe(expected);
    await superuser.query(
      `UPDATE messages.messages SET sent_at = now() - interval '90 days', status = 'SUCCESS'`,
    );
    expect(await walk()).toBe(1);
    await superuser.query(
      `UPDATE messages.messages SET sent_at = now() - interval '90 days', status = 'SUCCESS'`,
    );
    expect(await walk()).toBe(0);
  });
});

const context = () => ({ tenantId: tenant.id, actor: 'system:test', trace: '' });
const invite = (ids: string[]): Promise<number> =>
  work.run(context(), (tx) => invitations.inviteDue(tx, ids, 'all'));
/** What core says of each that it has resumed. */
const resumed = (disbursementId: string, receiverWalletId: string): Promise<unknown> => {
  const handler = new OnNewInvitationHandler(invitations, new SendQueueRepository(key), {
    wake: () => undefined,
  });
  const event = {
    ...{ id: newId(), topic: receiverWalletNewInvitationV1.topic, key: disbursementId, tenant_id: tenant.id },
    ...{ version: 1, occurred_at: new Date().toISOString(), trace: '' },
    type: 'batch-receiver-wallet-sms-invitation' as const,
    data: { disbursement_id: disbursementId, receiver_wallet_ids: [receiverWalletId] },
  };
  return work.run(context(), (tx) => handler.handle(tx, event));
};
const setDisbursement = (person: Person, status: 'PAUSED' | 'STARTED'): Promise<unknown> =>
  superuser.query('UPDATE disbursements.disbursements SET status = $2 WHERE id = $1', [
    person.disbursementId,
    status,
  ]);
/** `version` changes with each write. */
const restOf = async (person: Person): Promise<Record<string, unknown> | undefined> =>
  (
    await superuser.query<Record<string, unknown>>(
      `SELECT status, tries, next_try_at = 'infinity' AS rests, next_try_at BETWEEN now() + interval '20 s' AND now() + interval '2 min' AS waits,
              xmin::text || ctid::text AS version FROM messages.messages WHERE receiver_wallet_id = $1`,
      [person.receiverWalletId],
    )
  ).rows[0];
/** What the clock does every five seconds. */
const endRests = (): Promise<void> =>
  new EndRests({
    work,
    resting: new RestingInvitationsReadModel(),
    queue: new SendQueueRepository(key),
    sender: { wake: () => undefined },
    logger: silentLogger,
  }).run();
const outboxOf = (recipient: string) =>
  work.runSystem('test', (tx) => new DryRunOutboxRepository(key).list(tx, { recipient, limit: 10 }));

/** Sends everything that is due, then stops. */
const send = (): Promise<void> =>
  sendUntil(
    async () =>
      (await superuser.query(`SELECT 1 FROM messages.messages WHERE status IN ('PENDING', 'SENDING')`))
        .rowCount === 0,
  );

async function sendUntil(isSo: () => Promise<boolean>): Promise<void> {
  const queue = new SendQueueRepository(key);
  const dryRun = new DryRunMessenger(work, new DryRunOutboxRepository(key));
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
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    await sender.stop();
  }
}
