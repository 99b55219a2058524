import { LedgerUnreachableError } from '@libs/ledger';

import { type HttpAnswer, type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
import { StellarReader } from './reader';

/** Nobody answers; what was asked is kept. */
class Silence implements HttpTransport {
  readonly asked: HttpRequest[] = [];

  send(request: HttpRequest): Promise<never> {
    this.asked.push(request);
    return Promise.reject(new HttpSilenceError('nobody is there'));
  }

  stream(): Promise<never> {
    return Promise.reject(new HttpSilenceError('nobody is there'));
  }

  close(): void {
    this.asked.length = 0;
  }
}

describe('a question with a deadline', () => {
  const http = new Silence();
  const reader = new StellarReader({
    horizonUrls: ['http://one.test', 'http://two.test'],
    networkPassphrase: 'test',
    http,
  });
  const perServer = (): number[] =>
    http.asked.map(({ timeoutMs, patienceMs }) => timeoutMs + (patienceMs ?? timeoutMs));
  beforeEach(() => {
    http.close();
  });

  it.each([
    ['an account', () => reader.account('GA', { withinMs: 3_000 })],
    ['fees', () => reader.feeStats({ withinMs: 3_000 })],
  ])('about %s asks each server for no longer than is left', async (_, ask) => {
    await expect(ask()).rejects.toThrow(LedgerUnreachableError);
    expect(perServer()).toHaveLength(2);
    // Rounded up to whole milliseconds.
    for (const milliseconds of perServer()) expect(milliseconds).toBeLessThanOrEqual(3_001);
  });

  it('asks nobody when no time is left', async () => {
    await expect(reader.account('GA', { withinMs: 0 })).rejects.toThrow('in time');
    expect(http.asked).toEqual([]);
  });

  it('asks each server for as long as it takes when there is none', async () => {
    await expect(reader.account('GA')).rejects.toThrow(LedgerUnreachableError);
    expect(http.asked.map(({ timeoutMs }) => timeoutMs)).toEqual([10_000, 10_000]);
  });
});

/** A node whose newest ledger is 50, and whose payments of an account all came to it from others. */
class OldNode implements HttpTransport {
  readonly asked: string[] = [];

  constructor(private readonly payments: number) {}

  send({ url }: HttpRequest): Promise<HttpAnswer> {
    const { pathname } = new URL(url);
    this.asked.push(pathname);
    const records = Array.from({ length: this.payments }, (_, index) => ({
      id: String(index + 1),
      paging_token: String(index + 1),
      type: 'payment',
      transaction_successful: true,
      from: 'GOTHER',
      to: 'GA',
      amount: '1.0000000',
    }));
    const root = { network_passphrase: 'test', history_latest_ledger: 50 };
    const body = JSON.stringify(pathname === '/' ? root : { _embedded: { records } });
    return Promise.resolve({ status: 200, body, header: () => undefined });
  }

  stream(): Promise<never> {
    return Promise.reject(new HttpSilenceError('there are no streams'));
  }

  close(): void {
    this.asked.length = 0;
  }
}

describe('what left an account', () => {
  const askedOf = async (payments: number, notBefore: number): Promise<unknown> => {
    const http = new OldNode(payments);
    const reader = new StellarReader({ horizonUrls: ['http://one.test'], networkPassphrase: 'test', http });
    const page = await reader.outflowsOf('GA', { cursor: '0', notBefore }).catch((error: unknown) => error);
    if (page instanceof Error) return [page.message, http.asked.length];
    const { cursor, isLast } = page as { readonly cursor: string; readonly isLast: boolean };
    return [cursor, isLast, http.asked.length];
  };

  it('is whole up to the end of a full page, however old the node is', async () => {
    expect(await askedOf(200, 51)).toEqual(['200', false, 1]);
  });

  it('is whole in a page that is not full only where the node has come far enough', async () => {
    expect(await askedOf(199, 50)).toEqual(['199', true, 2]);
    expect(await askedOf(199, 51)).toEqual([expect.stringContaining('has not ingested ledger 51'), 2]);
  });
});
