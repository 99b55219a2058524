import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { Client } from 'pg';

import { givenPerson, givenTenant, type Person, type Tenant } from '../testing/given-people';
import { InvitationWorld } from '../testing/invitation-world';
import { EndRests } from './end-rests.job';
import { OnNewInvitationHandler } from './on-new-invitation.handler';
import { RestingInvitationsReadModel } from './resting-invitations.read-model';

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
});

/** What core says of each that it has resumed. */
const resumed = (disbursementId: string, receiverWalletId: string): Promise<unknown> => {
  const handler = new OnNewInvitationHandler(world.invitations, world.queue, {
    wake: () => undefined,
  });
  const event = {
    ...{ id: newId(), topic: receiverWalletNewInvitationV1.topic, key: disbursementId, tenant_id: tenant.id },
    ...{ version: 1, occurred_at: new Date().toISOString(), trace: '' },
    type: 'batch-receiver-wallet-sms-invitation' as const,
    data: { disbursement_id: disbursementId, receiver_wallet_ids: [receiverWalletId] },
  };
  return work.run(world.contextOf(tenant), (tx) => handler.handle(tx, event));
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
    queue: world.queue,
    sender: { wake: () => undefined },
    logger: silentLogger,
  }).run();
const invite = (ids: string[]): Promise<number> => world.invite(tenant, ids);
const outboxOf = (recipient: string) => world.outboxOf(recipient);
const send = (): Promise<void> => world.send();
const sendUntil = (isSo: () => Promise<boolean>): Promise<void> => world.sendUntil(isSo);
