import { newId } from '@libs/kernel';

import { BY_PHONE, type DisbursementWorld, idOf, peopleFile } from './disbursement-world';
import { person } from './people';
import { rowsOf, sentSince, shotsOf, type Shot, type TwiceCases } from './twice-scene';

const disbursement = (world: DisbursementWorld, id: string) =>
  rowsOf(
    world,
    `SELECT status, (SELECT count(*)::int FROM disbursements.payments p WHERE p.tenant_id = d.tenant_id AND p.disbursement_id = d.id) AS payments,
            (SELECT coalesce(sum(p.amount), 0)::text FROM disbursements.payments p WHERE p.tenant_id = d.tenant_id AND p.disbursement_id = d.id) AS amount
       FROM disbursements.disbursements d WHERE tenant_id = $1 AND id = $2`,
    id,
  );

/** What is promised of the account since this was called. */
function promisedSince(world: DisbursementWorld): () => Promise<string> {
  const before = world.promised();
  return async () => ((await world.promised()) - (await before)).toString();
}

/** Routes that make, move or stop money. */
export const TWICE_MONEY: TwiceCases = {
  'POST /disbursements': {
    given: async (world) => {
      const name = `aid ${newId()}`;
      const shots = shotsOf(world, 'POST', '/disbursements', await world.token());
      return {
        one: shots(world.bodyOf(BY_PHONE, name)),
        other: shots(world.bodyOf({ ...BY_PHONE, verification_field: 'PIN' }, name)),
        state: rowsOf(
          world,
          'SELECT status, verification_field FROM disbursements.disbursements WHERE tenant_id = $1 AND name = $2',
          name,
        ),
      };
    },
  },
  'DELETE /disbursements/:id': {
    given: async (world) => {
      const id = await world.ready(2);
      return {
        one: shotsOf(world, 'DELETE', `/disbursements/${id}`, await world.token())(),
        state: disbursement(world, id),
      };
    },
  },
  'POST /disbursements/:id/instructions': {
    given: async (world) => {
      const id = await world.create();
      const upload =
        (content: string): Shot =>
        () =>
          world.upload(id, content);
      return {
        one: upload(peopleFile(2, { amount: '10' })),
        other: upload(peopleFile(3, { amount: '7' })),
        state: disbursement(world, id),
      };
    },
  },
  'PATCH /disbursements/:id/status': {
    given: async (world) => {
      world.fund(1_000_0000000n);
      const id = await world.ready(2);
      const [sent, promised, row] = [sentSince(world), promisedSince(world), disbursement(world, id)];
      return {
        one: shotsOf(
          world,
          'PATCH',
          `/disbursements/${id}/status`,
          await world.token(),
        )({ status: 'STARTED' }),
        state: async () => ({ row: await row(), sent: await sent(), promised: await promised() }),
      };
    },
  },
  'POST /payments': {
    given: async (world) => {
      world.fund(1_000_0000000n);
      const to = await person(world);
      const [sent, promised] = [sentSince(world), promisedSince(world)];
      const shots = shotsOf(world, 'POST', '/payments', await world.token());
      const key = { 'Idempotency-Key': newId() };
      const body = (amount: string): object => ({
        amount,
        asset: { id: world.assetId },
        receiver: { id: to.id },
        wallet: { id: world.walletId },
      });
      const payments = rowsOf(
        world,
        'SELECT amount::text, status FROM disbursements.payments WHERE tenant_id = $1 AND receiver_id = $2',
        to.id,
      );
      return {
        one: shots(body('12.5'), key),
        other: shots(body('7'), key),
        state: async () => ({ payments: await payments(), sent: await sent(), promised: await promised() }),
      };
    },
  },
  'POST /payments/:id/approval': {
    given: async (world) => {
      world.fund(1_000_0000000n);
      const to = await person(world);
      const setApproval = (isRequired: boolean) =>
        world.server.sql('UPDATE tenants.organizations SET is_approval_required = $2 WHERE tenant_id = $1', [
          world.tenant.id,
          isRequired,
        ]);
      await setApproval(true);
      const made = await world.call('POST', '/payments', {
        amount: '3',
        asset: { id: world.assetId },
        receiver: { id: to.id },
        wallet: { id: world.walletId },
      });
      await setApproval(false);
      const id = idOf(made);
      const [sent, promised] = [sentSince(world), promisedSince(world)];
      const row = rowsOf(
        world,
        'SELECT status, jsonb_array_length(status_history) AS steps FROM disbursements.payments WHERE tenant_id = $1 AND id = $2',
        id,
      );
      return {
        one: shotsOf(world, 'POST', `/payments/${id}/approval`, await world.token('approver'))({}),
        state: async () => ({ row: await row(), sent: await sent(), promised: await promised() }),
      };
    },
  },
  'PATCH /payments/retry': {
    given: async (world) => {
      world.fund(1_000_0000000n);
      const { id, payments } = await world.failed(2);
      const [sent, promised, row] = [sentSince(world), promisedSince(world), disbursement(world, id)];
      const states = rowsOf(
        world,
        'SELECT status FROM disbursements.payments WHERE tenant_id = $1 AND disbursement_id = $2 ORDER BY id',
        id,
      );
      return {
        one: shotsOf(world, 'PATCH', '/payments/retry', await world.token())({ payment_ids: payments }),
        state: async () => ({
          ...{ row: await row(), states: await states(), sent: await sent(), promised: await promised() },
        }),
      };
    },
  },
  'PATCH /payments/:id/status': {
    given: async (world) => {
      world.fund(1_000_0000000n);
      const { payments } = await world.started(1);
      const id = payments[0] ?? '';
      const [sent, promised] = [sentSince(world), promisedSince(world)];
      const row = rowsOf(
        world,
        'SELECT status, jsonb_array_length(status_history) AS steps FROM disbursements.payments WHERE tenant_id = $1 AND id = $2',
        id,
      );
      return {
        one: shotsOf(world, 'PATCH', `/payments/${id}/status`, await world.token())({ status: 'CANCELED' }),
        state: async () => ({ row: await row(), sent: await sent(), promised: await promised() }),
      };
    },
  },
};
