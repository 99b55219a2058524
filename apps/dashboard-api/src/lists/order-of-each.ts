/** A column of few values, each of which has the order of its rows in an index: SQL of the column, and all that it can be. */
export interface EachOf {
  readonly column: string;
  readonly values: readonly string[];
}

/** SQL of the conditions of each value; of no condition at all where there is nothing to tell apart. */
export const isEachOf = (each: EachOf | null): readonly (readonly string[])[] =>
  each === null ? [[]] : each.values.map((value) => [`${each.column} = '${value}'`]);

/** SQL of what always holds. It shows PostgreSQL that it can look for a range in each of them. */
export const isAnyOf = (each: EachOf | null): readonly string[] =>
  each === null ? [] : [`${each.column} IN (${each.values.map((value) => `'${value}'`).join(', ')})`];
