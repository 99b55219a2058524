import { ListFilters } from './list-filters';

describe('the filters of a list', () => {
  it('are those that were asked for, each with its value', () => {
    const filters = new ListFilters('acme', ['p.tenant_id = $1']);
    expect(filters.add('READY', (place) => `p.status = ${place}`)).toBe('$2');
    expect(filters.add(null, (place) => `p.type = ${place}`)).toBeNull();
    expect(filters.add('2026-01-01', (place) => `p.created_at < ${place}`)).toBe('$3');
    expect(filters.where).toBe('WHERE p.tenant_id = $1 AND p.status = $2 AND p.created_at < $3');
    expect(filters.values).toEqual(['acme', 'READY', '2026-01-01']);
  });

  it('that were taken stay as they were when more are added', () => {
    const filters = new ListFilters('acme', ['p.tenant_id = $1']);
    const { values, conditions } = filters;
    filters.add('READY', (place) => `p.status = ${place}`);
    expect([values, conditions]).toEqual([['acme'], ['p.tenant_id = $1']]);
    expect(filters.conditions).toHaveLength(2);
  });
});
