import { type Asset, newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { fundedWorld, UNIT } from '../testing/funds';
import { person, type Person, userManagedWalletOf } from '../testing/people';
import { TestServer } from '../testing/test-server';

const EURC: Asset = { code: 'EURC', issuer: 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7' };

describe('a direct payment that is refused', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (spendable: bigint, asset?: Asset): Promise<DisbursementWorld> =>
    fundedWorld(server, spendable, asset);

  const bodyFor = (own: DisbursementWorld, to: Person, amount = '12.5'): Record<string, unknown> => ({
    amount,
    asset: { id: own.assetId },
    receiver: { id: to.id },
    wallet: { id: own.walletId },
  });

  const countOf = async (own: DisbursementWorld): Promise<number> =>
    (await server.sql('SELECT FROM disbursements.payments WHERE tenant_id = $1', [own.tenant.id])).length;

  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ amount: undefined }, { amount: 'amount is required' }],
    [{ amount: ' ' }, { amount: 'amount is required' }],
    [{ amount: 5 }, { amount: 'amount must be a string' }],
    ...['0', '-1', 'much', '1e3', '1,5'].map((amount): [Record<string, unknown>, Record<string, unknown>] => [
      { amount },
      { amount: 'invalid amount. Amount must be a positive number' },
    ]),
    [{ amount: '0.12345678' }, { amount: 'invalid amount. Amount cannot have more than 7 decimal places' }],
    [
      { amount: '922337203685.4775808' },
      { amount: 'invalid amount. Amount is more than the ledger can hold' },
    ],
    [{ asset: {} }, { asset: 'asset reference is required - must specify either id or type' }],
    [{ asset: 'XLM' }, { asset: 'asset reference is required - must specify either id or type' }],
    [
      { asset: { id: 'a', type: 'native' } },
      { asset: 'asset reference must specify either id or type, not both' },
    ],
    [
      { asset: { type: 'paper' } },
      { 'asset.type': 'invalid asset type. Must be one of: native, classic, contract, fiat' },
    ],
    [
      { asset: { type: 'classic' } },
      {
        'asset.code': 'code is required for classic asset',
        'asset.issuer': 'issuer is required for classic asset',
      },
    ],
    [
      { asset: { type: 'classic', code: 'TOO-LONG-CODE', issuer: 'G' } },
      { 'asset.code': 'invalid asset code format', 'asset.issuer': 'invalid issuer address format' },
    ],
    [{ asset: { type: 'contract' } }, { 'asset.contract_id': 'contract_id is required for contract asset' }],
    [{ asset: { type: 'fiat' } }, { 'asset.code': 'code is required for fiat asset' }],
    [{ receiver: {} }, { receiver: 'receiver reference must specify exactly one identifier' }],
    [
      { receiver: { id: 'a', email: 'b@c.de' } },
      { receiver: 'receiver reference must specify exactly one identifier' },
    ],
    [{ receiver: { email: 'nobody' } }, { 'receiver.email': 'invalid email format' }],
    [{ receiver: { phone_number: '0711' } }, { 'receiver.phone_number': 'invalid phone number format' }],
    [
      { receiver: { wallet_address: 'GABC' } },
      { 'receiver.wallet_address': 'invalid stellar address format' },
    ],
    [
      { receiver: { id: 7 } },
      {
        'receiver.id': 'id must be a string',
        receiver: 'receiver reference must specify exactly one identifier',
      },
    ],
    [{ wallet: {} }, { wallet: 'wallet reference is required - must specify either id or address' }],
    [
      { wallet: { id: 'a', address: 'b' } },
      { wallet: 'wallet reference must specify either id or address, not both' },
    ],
    [{ wallet: { address: 'GABC' } }, { 'wallet.address': 'invalid stellar address format' }],
    [
      { wallet: { address: 'CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE' } },
      { 'wallet.address': 'contract addresses are not supported yet' },
    ],
    [
      { external_payment_id: 'x'.repeat(65) },
      { external_payment_id: 'external_payment_id cannot exceed 64 characters' },
    ],
    [{ external_payment_id: {} }, { external_payment_id: 'external_payment_id must be a string' }],
  ])('is refused for %j', async (change, extras) => {
    const own = await refusing();
    const reply = await own.world.call('POST', '/payments', { ...bodyFor(own.world, own.to), ...change });
    expect([reply.status, reply.body]).toEqual([400, { error: 'request invalid', extras }]);
  });

  it.each([
    [{ type: 'contract', contract_id: 'C' }, 'asset: contract assets not yet supported'],
    [{ type: 'fiat', code: 'USD' }, 'asset: fiat assets not yet supported'],
  ])('is refused for the asset %j', async (asset, error) => {
    const own = await refusing();
    const reply = await own.world.call('POST', '/payments', { ...bodyFor(own.world, own.to), asset });
    expect([reply.status, reply.body]).toEqual([400, { error }]);
    const twice = await own.world.call('POST', '/payments', { asset });
    expect(Reflect.get(Object(twice.body), 'extras')).toMatchObject({ amount: 'amount is required' });
  });

  let shared: { readonly world: DisbursementWorld; readonly to: Person } | null = null;
  /** One organisation for all that is refused: nothing changes in it. */
  async function refusing(): Promise<{ readonly world: DisbursementWorld; readonly to: Person }> {
    if (shared === null) {
      const made = await world(100n * UNIT);
      shared = { world: made, to: await person(made) };
    }
    return shared;
  }

  it.each([null, [], 'text', 7])('is refused for the body %j', async (body) => {
    const own = await refusing();
    expect((await own.world.call('POST', '/payments', body)).status).toBe(400);
  });

  it('is not found for what nobody knows, also in another organisation', async () => {
    const [own, other] = [await world(100n * UNIT), await world(100n * UNIT)];
    const [to, foreign] = [await person(own), await person(other)];
    const unknown = newId();
    const address = EURC.issuer;
    const cases: [Record<string, unknown>, string][] = [
      [{ asset: { id: unknown } }, `asset not found with reference: ${unknown}`],
      [{ asset: { id: 'no-id' } }, 'asset not found with reference: no-id'],
      [{ asset: { id: other.assetId } }, `asset not found with reference: ${other.assetId}`],
      [{ asset: { type: 'classic', ...EURC } }, `asset not found with reference: EURC:${EURC.issuer}`],
      [{ receiver: { id: foreign.id } }, `receiver not found with reference: ${foreign.id}`],
      [{ receiver: { id: 'no-id' } }, 'receiver not found with reference: no-id'],
      [
        { receiver: { email: foreign.email } },
        `receiver not found: no receiver found with contact info: ${foreign.email}`,
      ],
      [
        { receiver: { phone_number: foreign.phone } },
        `receiver not found: no receiver found with contact info: ${foreign.phone}`,
      ],
      [
        { receiver: { wallet_address: address } },
        `receiver not found: no receiver found with wallet address: ${address}`,
      ],
      [{ wallet: { id: other.walletId } }, `wallet not found with reference: ${other.walletId}`],
    ];
    for (const [change, error] of cases) {
      const reply = await own.call('POST', '/payments', { ...bodyFor(own, to), ...change });
      expect([reply.status, reply.body]).toEqual([404, { error }]);
    }
    expect([await countOf(own), await own.promised(), await own.events()]).toEqual([0, 0n, []]);
  });

  it('is refused where wallet, asset or person cannot take it', async () => {
    const own = await world(100n * UNIT);
    const managed = await userManagedWalletOf(own);
    const to = await person(own);
    const addressed = await person(own, 'REGISTERED', managed);
    const refusal = async (change: Record<string, unknown>): Promise<unknown> => {
      const reply = await own.call('POST', '/payments', { ...bodyFor(own, to), ...change });
      return [reply.status, Reflect.get(Object(reply.body), 'error')];
    };
    const waiting = (status: string): unknown[] => [
      400,
      `receiver wallet is not ready for payment, current status is ${status}`,
    ];
    for (const status of ['DRAFT', 'FLAGGED'] as const) {
      expect(await refusal({ receiver: { id: (await person(own, status)).id } })).toEqual(waiting(status));
    }
    expect(await refusal({ wallet: { address: addressed.address } })).toEqual([
      400,
      "no receiver wallet: the receiver has no address at wallet 'Own address'",
    ]);
    expect(await refusal({ receiver: { id: addressed.id }, wallet: { address: to.address } })).toEqual([
      400,
      'the address is not the one that the receiver is known with',
    ]);
    await server.sql('DELETE FROM catalogue.wallet_assets WHERE tenant_id = $1', [own.tenant.id]);
    expect(await refusal({})).toEqual([400, "asset 'XLM' is not supported by wallet 'Kite'"]);
    await server.sql('UPDATE catalogue.wallets SET enabled = false WHERE tenant_id = $1', [own.tenant.id]);
    expect(await refusal({})).toEqual([400, "wallet 'Kite' is not enabled for payments"]);
    expect(await refusal({ wallet: { address: addressed.address } })).toEqual([
      400,
      'no enabled user managed wallet',
    ]);
    expect([await countOf(own), await own.promised(), await own.events()]).toEqual([0, 0n, []]);
  });

  it.each(['business', 'approver', 'initiator', 'developer'] as const)(
    'is not for the role %s',
    async (role) => {
      const own = await refusing();
      const reply = await own.world.call('POST', '/payments', bodyFor(own.world, own.to), role);
      expect(reply.status).toBe(403);
    },
  );
});
