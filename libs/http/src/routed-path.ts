import type { Request } from 'express';

/** The path in the one spelling of all that lead to its route: in any case of letters, with or without a slash at its end. */
export const routedPath = ({ path }: Pick<Request, 'path'>): string =>
  path.length > 1 ? path.toLowerCase().replace(/\/$/, '') : path;
