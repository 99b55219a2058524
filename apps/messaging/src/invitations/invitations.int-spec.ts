import { newId } from '@libs/kernel';
import { isLinkSignedBy } from '@libs/ledger-stellar/web-auth';
import { silentLogger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import { TenantIdsReadModel } from '@libs/tenants';
import type { Client } from 'pg';

import {
  givenDirectPayment,
  givenPerson,
  givenTenant,
  type Person,
  type Tenant,
} from '../testing/given-people';
import { InvitationWorld } from '../testing/invitation-world';
import { InvitationCandidatesReadModel, type WaitingWallet } from './invitation-candidates.read-model';
import { InvitationSweep } from './invitation-sweep.job';

const ADDRESS = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';

let world: InvitationWorld;
let superuser: Client;
let work: UnitOfWork;
let tenant: Tenant;

beforeAll(async () => {
  world = await InvitationWorld.open();
  ({ superuser, work } = world);
});
beforeEach(async () => {
  tenant = await givenTenant(superuser);
});
afterAll(() => world.close());

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
    const link = await work.run(context(), (tx) => world.links.urlOf(tx, code));
    expect(isLinkSignedBy(link ?? '', world.signer.address)).toBe(true);
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

  it('goes out although the messages of another organisation cannot be taken', async () => {
    const other = await givenTenant(superuser);
    const stuck = await givenPerson(superuser, tenant);
    const person = await givenPerson(superuser, other);
    await invite([stuck.receiverWalletId]);
    await world.invite(other, [person.receiverWalletId]);
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
      `UPDATE receivers.receiver_wallets SET status = 'REGISTERED', stellar_address = '${ADDRESS}' WHERE id = $1`,
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

  it('is written anew when it cannot be opened', async () => {
    const person = await givenPerson(superuser, tenant);
    await invite([person.receiverWalletId]);
    await superuser.query(
      `UPDATE messages.messages SET body_sealed = set_byte(body_sealed, 1, get_byte(body_sealed, 1) # 1)
        WHERE receiver_wallet_id = $1`,
      [person.receiverWalletId],
    );
    await send();
    expect(await outboxOf(person.phoneNumber)).toEqual([]);
    expect(await invite([person.receiverWalletId])).toBe(1);
    await send();
    expect(await outboxOf(person.phoneNumber)).toHaveLength(1);
    expect(await invite([person.receiverWalletId])).toBe(0);
  });

  it('goes out once more when a person who had registered was unregistered', async () => {
    const { receiverWalletId, phoneNumber } = await givenPerson(superuser, tenant);
    await invite([receiverWalletId]);
    await send();
    await walletBecomes(receiverWalletId, 'REGISTERED');
    await walletBecomes(receiverWalletId, 'READY');
    expect(await invite([receiverWalletId])).toBe(1);
    expect(await invite([receiverWalletId])).toBe(0);
    await send();
    expect(await outboxOf(phoneNumber)).toHaveLength(2);
  });

  it('goes out once for each direct payment to somebody who has not registered, when it may be paid', async () => {
    const person = await givenPerson(superuser, tenant, { paymentStatus: 'CANCELED' });
    const waiting = await givenDirectPayment(superuser, tenant, person, 'DRAFT');
    await givenDirectPayment(superuser, tenant, person, 'READY');
    const ids = [person.receiverWalletId];
    expect(await invite(ids)).toBe(1);
    await send();
    expect(await invite(ids)).toBe(0);

    await superuser.query(
      `UPDATE disbursements.payments SET status = 'READY', status_history = status_history || history_entry('READY', 'test', '')
        WHERE id = $1`,
      [waiting],
    );
    expect(await invite(ids)).toBe(1);
    await givenDirectPayment(superuser, tenant, person, 'READY');
    // The one before is still on its way, with the same link: it tells of both.
    expect(await invite(ids)).toBe(0);
    await send();
    expect(await invite(ids)).toBe(0);
    await givenDirectPayment(superuser, tenant, person, 'READY');
    expect(await invite(ids)).toBe(1);
    await send();
    expect(await outboxOf(person.phoneNumber)).toHaveLength(3);
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
      work.run(context(), (tx) => world.invitations.inviteAgain(tx, [receiverWalletId]));
    expect(await invite([receiverWalletId])).toBe(1);
    expect(await again()).toBe(0);
    await send();
    expect(await again()).toBe(1);
  });
});

describe('the walk over those who wait', () => {
  const candidates = new InvitationCandidatesReadModel();
  const page = (after: string | null, limit: number): Promise<WaitingWallet[]> =>
    work.run(context(), (tx) => candidates.waitingAfter(tx, after, limit));

  const walk = async (): Promise<number> => {
    const countNow = async (): Promise<number> =>
      (await superuser.query('SELECT 1 FROM messages.messages WHERE tenant_id = $1', [tenant.id])).rowCount ??
      0;
    const before = await countNow();
    const { invitations } = world;
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

  it('comes to each receiver wallet once, to all of a receiver together', async () => {
    const people = await givenPeople(5);
    const others = await givenOtherWallets(people.slice(1, 4));
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const waiting: readonly WaitingWallet[] = await page(after, 2);
      seen.push(...waiting.map(({ id }) => id));
      after = waiting.at(-1)?.receiverId ?? null;
      if (after === null) break;
    }
    expect(seen).toHaveLength(8);
    expect(new Set(seen)).toEqual(
      new Set([...people.map(({ receiverWalletId }) => receiverWalletId), ...others]),
    );
  });

  it('goes on behind a receiver who has registered meanwhile', async () => {
    const people = await givenPeople(3);
    const [first] = await page(null, 1);
    await walletBecomes(first?.id ?? '', 'REGISTERED');
    const rest = people.map((person) => person.receiverWalletId).filter((id) => id !== first?.id);
    const behind = await page(first?.receiverId ?? '', 10);
    expect(new Set(behind.map(({ id }) => id))).toEqual(new Set(rest));
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

const givenPeople = async (count: number): Promise<Person[]> => {
  const people: Person[] = [];
  while (people.length < count) people.push(await givenPerson(superuser, tenant));
  return people;
};
/** Receiver wallets of the same people with another provider. */
const givenOtherWallets = async (people: readonly Person[]): Promise<string[]> => {
  const otherProvider = newId();
  await superuser.query(
    `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema)
     VALUES ($1, $2, 'Other Wallet', 'http://other.test', 'other://open')`,
    [tenant.id, otherProvider],
  );
  const { rows } = await superuser.query<{ id: string }>(
    `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
     SELECT $1, uuidv7(), receiver_id, $2, 'READY' FROM unnest($3::uuid[]) AS receiver_id RETURNING id`,
    [tenant.id, otherProvider, people.map(({ receiverId }) => receiverId)],
  );
  return rows.map(({ id }) => id);
};
const walletBecomes = (id: string, status: 'READY' | 'REGISTERED'): Promise<unknown> =>
  superuser.query(
    `UPDATE receivers.receiver_wallets
        SET status = $2::text, stellar_address = $3, status_history = status_history || history_entry($2, 'test', '')
      WHERE id = $1`,
    [id, status, status === 'REGISTERED' ? ADDRESS : null],
  );
const context = () => world.contextOf(tenant);
const invite = (ids: string[]): Promise<number> => world.invite(tenant, ids);
const outboxOf = (recipient: string) => world.outboxOf(recipient);
const send = (): Promise<void> => world.send();
const sendUntil = (isSo: () => Promise<boolean>): Promise<void> => world.sendUntil(isSo);
