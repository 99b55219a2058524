import { type Reply, TEST_PASSWORD, type TestServer } from './test-server';

/** How people of the organisation `acme` sign in on a device; null for one that does not say which it is. */
export interface SignIns {
  readonly headers: (device: string | null) => Record<string, string>;
  readonly login: (email: string, device: string | null, password?: string) => Promise<Reply>;
  readonly mfa: (json: unknown, device: string | null) => Promise<Reply>;
  /** Of the newest letter. */
  readonly codeInTheMail: () => Promise<string>;
}

/** `server` is asked for at each call, as a suite has it only once it runs. */
export function signInsOn(server: () => TestServer): SignIns {
  const headers = (device: string | null): Record<string, string> => ({
    'SDP-Tenant-Name': 'acme',
    ...(device === null ? {} : { 'Device-ID': device }),
  });
  return {
    headers,
    login: (email, device, password = TEST_PASSWORD) =>
      server().call('POST', '/login', { json: { email, password }, headers: headers(device) }),
    mfa: (json, device) => server().call('POST', '/mfa', { json, headers: headers(device) }),
    codeInTheMail: async () => /is (\d{6})\./.exec(await server().newestLetter())?.[1] ?? '',
  };
}
