import { silentLogger } from '@libs/observability';

import { TenantRound } from './tenant-round';

const idOf = (number: number): string => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;

describe('a round over the tenants that have something to do', () => {
  const finderOver = (tenants: readonly string[]) => (after: string, limit: number) =>
    Promise.resolve(tenants.filter((id) => id > after).slice(0, limit));

  async function runOf(round: TenantRound, tenants: readonly string[]): Promise<string[]> {
    const seen: string[] = [];
    await round.run(finderOver(tenants), (tenantId) => {
      seen.push(tenantId);
      return Promise.resolve();
    });
    return seen;
  }

  it('comes to each once in a run while they are few', async () => {
    const tenants = [1, 2, 3].map(idOf);
    const round = new TenantRound(silentLogger, 'a-job');
    expect(await runOf(round, tenants)).toEqual(tenants);
    expect(await runOf(round, tenants)).toEqual(tenants);
    expect(await runOf(round, [])).toEqual([]);
  });

  it('comes to everybody in turn when they are more than a run takes', async () => {
    const tenants = Array.from({ length: 2_500 }, (_, index) => idOf(index + 1));
    const round = new TenantRound(silentLogger, 'a-job');
    const [first, second, third] = [
      await runOf(round, tenants),
      await runOf(round, tenants),
      await runOf(round, tenants),
    ];
    expect([first.length, second.length, third.length]).toEqual([1_000, 1_000, 1_000]);
    expect(new Set([...first, ...second, ...third]).size).toBe(2_500);
    expect(new Set(third).size).toBe(1_000);
  });

  it('goes on with the others when it fails for one', async () => {
    const seen: string[] = [];
    await new TenantRound(silentLogger, 'a-job').run(finderOver([1, 2, 3].map(idOf)), (tenantId) => {
      if (tenantId === idOf(2)) return Promise.reject(new Error('a broken row'));
      seen.push(tenantId);
      return Promise.resolve();
    });
    expect(seen).toEqual([idOf(1), idOf(3)]);
  });
});
