import { WalletsRepository } from '@libs/catalogue';

import { DisbursementWorld } from '../testing/disbursement-world';
import { overtake } from '../testing/overtake';
import { type Reply, TestServer } from '../testing/test-server';

const WALLET = {
  name: 'Heron',
  homepage: 'https://heron.test',
  deep_link_schema: 'heron://pay',
  sep_10_client_domain: 'heron.test',
};

describe('the audit log of assets and wallet providers', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  beforeAll(async () => {
    server = await TestServer.start();
    world = await DisbursementWorld.make(server, 'acme');
  });
  afterAll(() => server.stop());

  const idOf = ({ body }: { readonly body: unknown }): string => String(Reflect.get(Object(body), 'id'));
  const logOf = async (subjectId: string): Promise<unknown[]> => {
    const { body } = await world.call('GET', `/audit?direction=asc&subject_id=${subjectId}`);
    const rows = Reflect.get(Object(body), 'data') as Record<string, unknown>[];
    return rows.map(({ action, subject, before, after }) => ({ action, subject, before, after }));
  };

  it('names the asset that was added and removed', async () => {
    const id = idOf(await world.call('POST', '/assets', { code: 'XLM' }));
    await world.call('DELETE', `/assets/${id}`);
    const subject = { type: 'assets', id };
    expect(await logOf(id)).toEqual([
      { action: 'POST /assets', subject, before: null, after: { asset: 'XLM' } },
      { action: 'DELETE /assets/:id', subject, before: { asset: 'XLM' }, after: null },
    ]);
  });

  it('tells what a wallet provider was before it was changed and deleted', async () => {
    const asset = await world.call('POST', '/assets', { code: 'XLM' });
    const id = idOf(await world.call('POST', '/wallets', { ...WALLET, assets_ids: [idOf(asset)] }));
    await world.call('PATCH', `/wallets/${id}`, { enabled: false, assets: [] });
    await world.call('DELETE', `/wallets/${id}`);
    expect(await logOf(id)).toMatchObject([
      { action: 'POST /wallets', before: null, after: { name: 'Heron', assets: ['XLM'] } },
      {
        action: 'PATCH /wallets/:id',
        before: { name: 'Heron', enabled: true, assets: ['XLM'] },
        after: { name: 'Heron', enabled: false, assets: [] },
      },
      { action: 'DELETE /wallets/:id', before: { name: 'Heron', enabled: false }, after: null },
    ]);
  });

  it('tells of a wallet provider as it was, also when two people change it at once', async () => {
    const others = { homepage: 'https://stork.test', deep_link_schema: 'stork://pay' };
    const assets = [idOf(await world.call('POST', '/assets', { code: 'XLM' }))];
    const id = idOf(
      await world.call('POST', '/wallets', { ...WALLET, ...others, name: 'Stork', assets_ids: assets }),
    );
    const rename = (name: string): Promise<Reply> => world.call('PATCH', `/wallets/${id}`, { name });
    let second: Promise<Reply> | undefined;
    overtake(WalletsRepository.prototype, 'change', async () => {
      second = rename('Third');
      await Promise.race([second, server.waitsForLock()]);
    });
    expect((await rename('Second')).status).toBe(200);
    expect((await second)?.status).toBe(200);
    expect((await logOf(id)).slice(1)).toMatchObject([
      { before: { name: 'Stork' }, after: { name: 'Second' } },
      { before: { name: 'Second' }, after: { name: 'Third' } },
    ]);
  });
});
