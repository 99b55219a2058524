import createClient, { type Client } from 'openapi-fetch';

import type { components, paths } from './staff-api';

export type StaffClient = Client<paths>;
/** The forms of bodies and answers, by name. */
export type StaffSchemas = components['schemas'];

/** Where the staff API is and who calls it: with the token of a person or the text of an API key. */
export interface StaffCaller {
  /** As `http://localhost:8000`. */
  readonly url: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the staff API whose paths, bodies and answers are checked by the compiler. */
export function staffClient({ url, token, headers }: StaffCaller): StaffClient {
  return createClient<paths>({
    baseUrl: url,
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
}
