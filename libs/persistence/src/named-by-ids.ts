/**
 * A condition on rows that are named by their ids. Statistics from before a large file know nothing of its rows, so by a plain condition
 * PostgreSQL may take an index of a status for the shortest way, and go over the whole file for each chunk of it.
 */
export const ofNamedRows = (condition: string): string => `(${condition}) IS TRUE`;
