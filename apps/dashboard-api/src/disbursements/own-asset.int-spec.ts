import type { Asset } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { TestServer } from '../testing/test-server';

describe('an asset that the distribution account issues itself', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  /** An organisation whose account has XLM for the fees of so many payments, and issues the asset that it pays. */
  async function issuing(
    payments: bigint,
  ): Promise<{ readonly own: DisbursementWorld; readonly asset: Asset }> {
    const own = await fundedWorld(server, payments * FEE);
    const asset: Asset = { code: 'VOUCHER', issuer: own.account };
    await server.sql('UPDATE catalogue.assets SET code = $2, issuer = $3 WHERE id = $1', [
      own.assetId,
      asset.code,
      asset.issuer,
    ]);
    return { own, asset };
  }

  const payDirectly = async (own: DisbursementWorld): ReturnType<DisbursementWorld['call']> => {
    const { receiverId } = await own.payee();
    const [asset, receiver, wallet] = [{ id: own.assetId }, { id: receiverId }, { id: own.walletId }];
    return await own.call('POST', '/payments', { amount: '1000000', asset, receiver, wallet });
  };

  it('is paid in any amount, as the ledger does: only the fees are limited', async () => {
    const { own, asset } = await issuing(3n);
    const id = await own.ready(2, { amount: '12.5' });
    expect(await own.setStatus(id, 'STARTED')).toMatchObject({ status: 200 });
    expect(await payDirectly(own)).toMatchObject({ status: 201 });
    expect([await own.promised(asset), await own.promised()]).toEqual([1_000_025n * UNIT, 3n * FEE]);
    expect((await own.setStatus(await own.ready(1), 'STARTED')).text).toContain('0.0020000 XLM');
  });

  it('is not paid by one of several organisations that pay from the account, as none of them may issue for all', async () => {
    const [{ own, asset }, neighbour] = [await issuing(3n), await fundedWorld(server)];
    await server.sql('UPDATE tenants.tenants SET distribution_account_address = $2 WHERE id = $1', [
      neighbour.tenant.id,
      own.account,
    ]);
    const error =
      `the asset VOUCHER is issued by the distribution account stellar:${own.account} itself, ` +
      'which other organisations pay from as well: none of them can pay it';
    const started = await own.setStatus(await own.ready(2), 'STARTED');
    for (const reply of [started, await payDirectly(own)])
      expect(reply).toMatchObject({ status: 409, body: { error } });
    expect(await own.promised(asset)).toBe(0n);
  });
});
