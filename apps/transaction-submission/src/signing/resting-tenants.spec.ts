import { RestingTenants } from './resting-tenants';

describe('tenants for whom nothing could be signed', () => {
  let now = 0;
  let tenants: RestingTenants;
  beforeEach(() => {
    now = 0;
    tenants = new RestingTenants(() => now);
  });

  it('come after the others for a second', () => {
    tenants.rest('b');
    expect(tenants.split(['a', 'b', 'c'])).toEqual({ awake: ['a', 'c'], resting: ['b'] });
    now = 999;
    expect(tenants.split(['b'])).toEqual({ awake: [], resting: ['b'] });
    now = 1_000;
    expect(tenants.split(['a', 'b', 'c'])).toEqual({ awake: ['a', 'b', 'c'], resting: [] });
  });

  it('are like the others as soon as something can be signed for them', () => {
    tenants.rest('a');
    tenants.wake('a');
    expect(tenants.split(['a'])).toEqual({ awake: ['a'], resting: [] });
  });

  it('are forgotten when there are very many, instead of being remembered without end', () => {
    for (let index = 0; index <= 5_000; index += 1) tenants.rest(String(index));
    expect(tenants.split(['0', '5000'])).toEqual({ awake: ['0'], resting: ['5000'] });
  });
});
