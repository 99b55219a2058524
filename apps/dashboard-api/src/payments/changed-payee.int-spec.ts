import type { Role } from '@libs/contracts';
import { fieldOf } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

import { type DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld, UNIT } from '../testing/funds';
import { person, type Person, userManagedWalletOf } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

const NOT_SEEN = {
  status: 409,
  body: {
    error:
      'the address, contact or verification of 1 recipient was changed since this was made: look at GET /payments/{id} again, and name the version of its recipient_changes',
  },
};
const byItsCreator = (what: string): object => ({
  status: 403,
  body: { error: `Payment can't be ${what} by its creator. Approval by another user is required.` },
});

describe('a payment whose receiver was changed by staff', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  async function world(rule: { readonly secondAbove?: bigint } = {}): Promise<DisbursementWorld> {
    const own = await fundedWorld(server);
    await server.sql(
      `UPDATE tenants.organizations SET is_approval_required = true, second_approver_amount = $2 WHERE tenant_id = $1`,
      [own.tenant.id, rule.secondAbove?.toString() ?? null],
    );
    return own;
  }

  /** Somebody whose address staff have entered. */
  async function payee(own: DisbursementWorld): Promise<Person> {
    const provider = await userManagedWalletOf(own);
    await server.sql(
      'INSERT INTO catalogue.wallet_assets (tenant_id, wallet_id, asset_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [own.tenant.id, provider, own.assetId],
    );
    return await person(own, 'REGISTERED', provider);
  }

  async function order(own: DisbursementWorld, to: Person): Promise<string> {
    const asked = {
      amount: '10',
      asset: { id: own.assetId },
      receiver: { id: to.id },
      wallet: to.address === '' ? { id: own.walletId } : { address: to.address },
    };
    return idOf(await own.call('POST', '/payments', asked));
  }

  async function redirect(own: DisbursementWorld, to: Person, role: Role = 'owner'): Promise<string> {
    const address = accountAddressOf(randomBytes(32));
    const path = `/receivers/${to.id}/wallets/${to.receiverWalletId}`;
    expect((await own.call('PATCH', path, { stellar_address: address }, role)).status).toBe(200);
    return address;
  }

  const versionOf = async (own: DisbursementWorld, id: string): Promise<unknown> =>
    fieldOf((await own.payment(id))['recipient_changes'], 'version');
  const approve = (
    own: DisbursementWorld,
    id: string,
    role: Role = 'approver',
    version?: unknown,
  ): Promise<Reply> =>
    own.call(
      'POST',
      `/payments/${id}/approval`,
      version === undefined ? undefined : { recipient_changes: version },
      role,
    );

  const retry = (own: DisbursementWorld, id: string, role: Role): Promise<Reply> =>
    own.call('PATCH', '/payments/retry', { payment_ids: [id] }, role);

  it('is not approved until the approver has seen the change', async () => {
    const own = await world();
    const to = await payee(own);
    const id = await order(own, to);
    expect(await own.payment(id)).not.toHaveProperty('recipient_changes');
    const address = await redirect(own, to);
    expect(await approve(own, id)).toMatchObject(NOT_SEEN);
    expect(await own.payment(id)).toMatchObject({
      status: 'DRAFT',
      receiver_wallet: { stellar_address: address },
      recipient_changes: {
        receivers: 1,
        newest: [{ receiver_id: to.id, changed_by: { first_name: 'First' } }],
      },
    });
    const seen = await versionOf(own, id);
    expect((await approve(own, id, 'approver', seen)).status).toBe(200);
    expect(await own.payment(id)).not.toHaveProperty('recipient_changes');
  });

  it('is not approved as it was seen when the contact of who still has to register is another one', async () => {
    const own = await world();
    const to = await person(own, 'READY');
    const id = await order(own, to);
    await own.call('PATCH', `/receivers/${to.id}`, { email: 'somebody.else@people.test' });
    expect(await approve(own, id)).toMatchObject(NOT_SEEN);
  });

  it('needs both approvers anew when its maker changed the address behind the first', async () => {
    const own = await world({ secondAbove: UNIT });
    const to = await payee(own);
    const id = await order(own, to);
    expect((await approve(own, id)).status).toBe(202);
    await redirect(own, to);
    expect(await approve(own, id, 'financial_controller')).toMatchObject(NOT_SEEN);
    const seen = await versionOf(own, id);
    expect((await approve(own, id, 'financial_controller', seen)).status).toBe(202);
    expect(await own.payment(id)).toMatchObject({ status: 'DRAFT' });
    expect((await approve(own, id, 'approver', seen)).status).toBe(200);
  });

  it('is not approved by who changed the address', async () => {
    const own = await world();
    const to = await payee(own);
    const id = await order(own, to);
    await redirect(own, to, 'financial_controller');
    const seen = await versionOf(own, id);
    expect(await approve(own, id, 'financial_controller', seen)).toMatchObject(byItsCreator('approved'));
  });

  it('is approved as ever when the receiver was changed before it was ordered, and others since', async () => {
    const own = await world();
    const to = await payee(own);
    const address = await redirect(own, to, 'initiator');
    const id = await order(own, { ...to, address });
    await redirect(own, await payee(own), 'initiator');
    expect((await approve(own, id)).status).toBe(200);
  });

  it('is not retried by who changed the address', async () => {
    const own = await world();
    const to = await payee(own);
    const id = await order(own, to);
    expect((await approve(own, id)).status).toBe(200);
    await server.sql(`UPDATE disbursements.payments SET status = 'FAILED', dispatch = 1 WHERE id = $1`, [id]);
    await redirect(own, to, 'financial_controller');
    expect(await retry(own, id, 'financial_controller')).toMatchObject(byItsCreator('retried'));
  });

  it('is not retried by the second approver of whom the first one approved before the change', async () => {
    const own = await fundedWorld(server);
    const { id: disbursement, payments } = await own.failed(1);
    await server.sql(`UPDATE disbursements.disbursements SET status_history = '[]' WHERE id = $1`, [
      disbursement,
    ]);
    await server.sql('UPDATE tenants.organizations SET second_approver_amount = 1 WHERE tenant_id = $1', [
      own.tenant.id,
    ]);
    const [id = ''] = payments;
    const receiver = String((await own.payments(disbursement))[0]?.['receiver_id']);
    expect((await retry(own, id, 'owner')).status).toBe(202);
    const edit = { email: 'somebody.else@people.test' };
    expect((await own.call('PATCH', `/receivers/${receiver}`, edit, 'initiator')).status).toBe(200);
    expect((await retry(own, id, 'financial_controller')).status).toBe(202);
    expect((await retry(own, id, 'owner')).status).toBe(200);
  });
});
