import fc from 'fast-check';

import { HttpProblem } from './http-problem.errors';
import { pagedList } from './paged-list';
import { QueryReader } from './query-reader';

const extrasOf = (reader: QueryReader): unknown => {
  try {
    reader.assertValid();
    return {};
  } catch (error) {
    return error instanceof HttpProblem ? error.body.extras : error;
  }
};

describe('a query of a list', () => {
  it('starts at the first page of twenty', () => {
    expect(new QueryReader({}).page()).toEqual({ page: 1, pageLimit: 20, offset: 0 });
    expect(new QueryReader({ page: '3', page_limit: '50' }).page()).toEqual({
      page: 3,
      pageLimit: 50,
      offset: 100,
    });
  });

  it.each([
    ['one', 'parameter must be an integer'],
    ['1.5', 'parameter must be an integer'],
    ['99999999999999999999', 'parameter must be an integer'],
    ['0', 'parameter must be a positive integer'],
    ['-1', 'parameter must be a positive integer'],
  ])('refuses page=%s', (page, why) => {
    const reader = new QueryReader({ page });
    reader.page();
    expect(extrasOf(reader)).toEqual({ page: why });
  });

  it('includes the whole of the last named day', () => {
    const reader = new QueryReader({ created_at_after: '2026-02-27', created_at_before: '2026-02-28' });
    expect(reader.createdBetween()).toEqual({
      from: '2026-02-27T00:00:00.000Z',
      until: '2026-03-01T00:00:00.000Z',
    });
    expect(extrasOf(reader)).toEqual({});
  });

  it('knows no bound behind the last day of the calendar, and no year before the first', () => {
    const last = new QueryReader({ created_at_before: '9999-12-31' });
    expect(last.createdBetween()).toEqual({ from: null, until: null });
    expect(extrasOf(last)).toEqual({});
    const first = new QueryReader({ created_at_after: '0000-12-31' });
    expect(first.createdBetween()).toEqual({ from: null, until: null });
    expect(extrasOf(first)).toEqual({
      created_at_after: "invalid date format. valid format is 'YYYY-MM-DD'",
    });
  });

  it('never fails on any text, and says what is wrong or gives usable values', () => {
    const names = ['page', 'page_limit', 'sort', 'direction', 'q', 'created_at_after', 'created_at_before'];
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('1', '-1', '1e9', '2026-01-01', 'asc'),
      fc.array(fc.string()),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (query) => {
        const reader = new QueryReader(query);
        const { page, pageLimit, offset } = reader.page();
        const { from, until } = reader.createdBetween();
        expect(page).toBeGreaterThan(0);
        expect(pageLimit).toBeLessThanOrEqual(100);
        expect(Number.isSafeInteger(offset) || offset < 1e18).toBe(true);
        for (const moment of [from, until]) if (moment !== null) expect(Date.parse(moment)).not.toBeNaN();
        expect(reader.text('q') ?? '').not.toContain('\0');
        reader.sort(['created_at'], 'created_at');
        reader.direction('asc');
      }),
    );
  });
});

describe('a paged list', () => {
  const links = (url: string, page: number, total: number): unknown =>
    pagedList(url, { page, pageLimit: 10, offset: 0 }, { items: [], total }).pagination;

  it('has no link beyond either end', () => {
    expect(links('/payments', 1, 0)).toEqual({ pages: 0, total: 0 });
    expect(links('/payments', 1, 10)).toEqual({ pages: 1, total: 10 });
    expect(links('/payments', 1, 11)).toEqual({ next: '/payments?page=2', pages: 2, total: 11 });
    expect(links('/payments?page=2', 2, 11)).toEqual({ prev: '/payments?page=1', pages: 2, total: 11 });
  });

  it('keeps the other parameters, sorted by name', () => {
    expect(links('/payments?status=ready&q=a%20b&page=1', 1, 11)).toEqual({
      next: '/payments?page=2&q=a+b&status=ready',
      pages: 2,
      total: 11,
    });
  });
});
