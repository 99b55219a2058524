import { statisticsJson, totalsByAsset } from './statistics';

describe('the statistics of one asset', () => {
  it('round half a stroop of the average up, as a disbursement does', () => {
    const total = { code: 'XLM', issuer: '', status: 'READY' as const };
    const payments = totalsByAsset([{ ...total, count: 2n, amount: 3n }]);
    expect(statisticsJson({ payments, wallets: new Map(), receivers: 2, disbursements: null })).toMatchObject(
      {
        payment_amounts_by_asset: [
          { payment_amounts: { ready: '0.0000003', average: '0.0000002', total: '0.0000003' } },
        ],
      },
    );
  });
});
