import { type EventOf, paymentRequestedV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { newId } from '@libs/kernel';

import { CANCEL_REASON } from '../outcomes/cancellation.service';
import { CoreWorld } from '../testing/given-disbursement';
import { OnPaymentRequestedHandler } from './on-payment-requested.handler';

type Requested = EventOf<typeof paymentRequestedV1>;
type Kind = Requested['type'];

const REGISTERED = { amount: 10_000_000n, registered: true };

/** Direct payments of one organisation. */
interface Payments {
  readonly tenantId: string;
  readonly created: string;
  readonly retried: string;
  readonly last: string;
  /** A person cancelled it after asking for it once more. */
  readonly canceled: string;
  /** Handed over, and to be cancelled. */
  readonly unwanted: string;
  /** Of which no event of its own organisation speaks. */
  readonly unasked: string;
}

describe('requests for payments that come together', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });
  afterAll(() => world.close());

  const setStatus = (ids: readonly string[], status: string): Promise<unknown> =>
    world.superuser.query(`UPDATE disbursements.payments SET status = $2 WHERE id = ANY($1)`, [ids, status]);

  async function givenPayments(): Promise<Payments> {
    const { tenantId, payments } = await world.givenStarted(Array.from({ length: 6 }, () => REGISTERED));
    await world.superuser.query(`DELETE FROM disbursements.work_items WHERE tenant_id = $1`, [tenantId]);
    await world.superuser.query(
      `UPDATE disbursements.payments SET type = 'DIRECT', disbursement_id = NULL WHERE tenant_id = $1`,
      [tenantId],
    );
    const [created, retried, last, canceled, unwanted, unasked] = payments.map(({ id }) => id);
    const given = { tenantId, created, retried, last, canceled, unwanted, unasked } as Payments;
    await setStatus([given.unwanted], 'READY');
    await world.sweep();
    await world.until(tenantId, 'PENDING', 1);
    await world.queue.idle();
    await world.superuser.query(
      `UPDATE disbursements.payments SET cancel_requested_at = now() WHERE id = $1`,
      [given.unwanted],
    );
    await world.run(tenantId, (tx) =>
      world.holds.hold(tx, { type: 'payment', id: given.unwanted }, CANCEL_REASON),
    );
    await setStatus([given.canceled], 'CANCELED');
    return given;
  }

  /** Once nothing sweeps any more, which would dispatch them without being asked. */
  const makeReady = ({ created, retried, last, unasked }: Payments): Promise<unknown> =>
    setStatus([created, retried, last, unasked], 'READY');

  const publish = ({ tenantId }: Payments, type: Kind, ids: readonly string[]): Promise<void> =>
    world.run(tenantId, (tx) =>
      new Outbox().publish(tx, paymentRequestedV1, {
        ...{ type, key: 'one partition' },
        data: { payment_ids: [...ids] },
      }),
    );

  /** The status of each, and how often it was handed over. */
  const statusesOf = async ({ tenantId, ...ids }: Payments): Promise<unknown> => {
    const rows = await world.rows<{ id: string; status: string; dispatch: number }>(
      `SELECT id, status, dispatch FROM disbursements.payments WHERE tenant_id = $1`,
      [tenantId],
    );
    const byId = new Map(rows.map(({ id, status, dispatch }) => [id, `${status} ${String(dispatch)}`]));
    return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, byId.get(id)]));
  };

  const handledAll = async (handler: OnPaymentRequestedHandler, done: () => Promise<void>): Promise<void> => {
    await world.consumeUntil(handler, done);
    await world.queue.idle();
  };

  it('are each done once, whatever their kind, their organisation, and how often they come', async () => {
    const [acme, other] = [await givenPayments(), await givenPayments()];
    await Promise.all([acme, other].map(makeReady));
    await publish(acme, 'payment-direct-payment-created', [acme.created]);
    await publish(other, 'payment-direct-payment-created', [other.created]);
    await publish(acme, 'payment-cancellation-requested', [acme.unwanted]);
    await publish(acme, 'payment-direct-payment-created', [acme.created]);
    await publish(acme, 'payment-retried', [acme.retried, acme.canceled]);
    await publish(other, 'payment-cancellation-requested', [other.unwanted, other.created]);
    await publish(acme, 'payment-retried', [acme.last, other.unasked]);
    const handler = new OnPaymentRequestedHandler(world.queue, world.payable, world.cancellations);

    await handledAll(handler, async () => {
      // What is to be cancelled is PENDING before, and would be counted among the others.
      await world.until(acme.tenantId, 'CANCELED', 2);
      await world.until(other.tenantId, 'CANCELED', 2);
      await world.until(acme.tenantId, 'PENDING', 3);
      await world.until(other.tenantId, 'PENDING', 1);
    });

    const cancelled = { canceled: 'CANCELED 0', unwanted: 'CANCELED 1', unasked: 'READY 0' };
    expect(await statusesOf(acme)).toEqual({
      ...{ created: 'PENDING 1', retried: 'PENDING 1', last: 'PENDING 1' },
      ...cancelled,
    });
    // What an event of another organisation names is not touched.
    expect(await statusesOf(other)).toEqual({
      ...{ created: 'PENDING 1', retried: 'READY 0', last: 'READY 0' },
      ...cancelled,
    });
    expect(await world.rows('SELECT reason FROM eventing.dead_letters')).toEqual([]);
  });

  const eventOf = ({ tenantId }: Payments, type: Kind, ids: readonly string[]): Requested => ({
    ...{
      id: newId(),
      topic: paymentRequestedV1.topic,
      key: ids[0] ?? '',
      tenant_id: tenantId,
      type,
      version: 1,
    },
    ...{ occurred_at: '2026-01-01T00:00:00.000Z', trace: '', data: { payment_ids: [...ids] } },
  });

  const handleTogether = async ({ tenantId }: Payments, events: readonly Requested[]): Promise<void> => {
    const handler = new OnPaymentRequestedHandler(world.queue, world.payable, world.cancellations);
    await world.run(tenantId, (tx) => handler.handleAll(tx, events));
    await world.queue.idle();
  };

  it('of one kind are done as one set, with what came twice, was cancelled meanwhile, or is not of the organisation', async () => {
    const [acme, other] = [await givenPayments(), await givenPayments()];
    await Promise.all([acme, other].map(makeReady));
    await handleTogether(acme, [
      eventOf(acme, 'payment-direct-payment-created', [acme.created]),
      eventOf(acme, 'payment-retried', [acme.retried, acme.canceled, other.created]),
      eventOf(acme, 'payment-direct-payment-created', [acme.created]),
      eventOf(acme, 'payment-retried', [newId(), acme.last]),
    ]);
    await world.until(acme.tenantId, 'PENDING', 4);
    await handleTogether(acme, [
      eventOf(acme, 'payment-cancellation-requested', [acme.unwanted]),
      eventOf(acme, 'payment-cancellation-requested', [acme.unwanted, other.unwanted, acme.last]),
    ]);
    expect(await statusesOf(acme)).toEqual({
      ...{ created: 'PENDING 1', retried: 'PENDING 1', last: 'PENDING 1' },
      ...{ canceled: 'CANCELED 0', unwanted: 'CANCELED 1', unasked: 'READY 0' },
    });
    expect(await statusesOf(other)).toMatchObject({ created: 'READY 0', unwanted: 'PENDING 1' });
  });

  it('of different kinds are refused as one set, and nothing of it is written', async () => {
    const given = await givenPayments();
    await makeReady(given);
    const before = await statusesOf(given);
    const refused = handleTogether(given, [
      eventOf(given, 'payment-direct-payment-created', [given.created]),
      eventOf(given, 'payment-cancellation-requested', [given.unwanted]),
    ]);
    await expect(refused).rejects.toThrow('some of these payments are to go and others to be cancelled');
    await world.queue.idle();
    expect(await statusesOf(given)).toEqual(before);
  });
});
