import { eachTenant } from './each-tenant';

describe('work for one tenant after the other', () => {
  it('goes on with the others when it fails for one, and tells for whom and why', async () => {
    const told: object[] = [];
    const job = { name: 'a-job', logger: { error: (fields: object) => void told.push(fields) } };
    const seen: string[] = [];
    const error = new Error('a broken row');
    await eachTenant(job, ['a', { tenantId: 'b' }, 'c'], (turn) => {
      if (typeof turn !== 'string') return Promise.reject(error);
      seen.push(turn);
      return Promise.resolve();
    });
    expect(seen).toEqual(['a', 'c']);
    expect(told).toEqual([{ error, tenantId: 'b', job: 'a-job' }]);
  });
});
