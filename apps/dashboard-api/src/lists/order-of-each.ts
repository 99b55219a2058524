/** A column of few values, each of which has the order of its rows in an index: SQL of the column, and all that it can be. */
export interface EachOf {
  readonly column: string;
  readonly values: readonly string[];
}

/**
 * SQL of the rows of each value, one after the other; of all at once where there is nothing to tell apart.
 * `rowsOf`: SQL of those under some conditions.
 */
export const rowsOfEach = (each: EachOf | null, rowsOf: (conditions: readonly string[]) => string): string =>
  each === null
    ? rowsOf([])
    : each.values.map((value) => rowsOf([`${each.column} = '${value}'`])).join(' UNION ALL ');

/** SQL of what always holds. It shows PostgreSQL that it can look for a range in each of them. */
export const isAnyOf = (each: EachOf | null): readonly string[] =>
  each === null ? [] : [`${each.column} IN (${each.values.map((value) => `'${value}'`).join(', ')})`];
