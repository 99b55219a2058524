import { eachTenant } from './each-tenant';

describe('work for one organisation after the other', () => {
  it('goes on with the others when it fails for one, and tells so at the end', async () => {
    const seen: string[] = [];
    const failure = new Error('a broken row');
    const all = eachTenant(['a', 'b', 'c'], (tenantId) => {
      if (tenantId === 'b') return Promise.reject(failure);
      seen.push(tenantId);
      return Promise.resolve();
    });
    await expect(all).rejects.toMatchObject({ message: 'it failed for 1 organisations', errors: [failure] });
    expect(seen).toEqual(['a', 'c']);
  });
});
