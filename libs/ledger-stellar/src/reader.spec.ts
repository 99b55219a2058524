import { LedgerUnreachableError } from '@libs/ledger';

import { type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
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
