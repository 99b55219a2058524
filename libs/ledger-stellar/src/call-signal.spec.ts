import { UsualLatency, verdictOf } from './call-signal';
import type { HttpAnswer } from './http-client';
import type { CallVerdict } from './node-budget';

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  header: (name) => headers[name],
});
const NOW = Date.parse('2026-01-01T00:00:00Z');
const heard = (one: HttpAnswer, isSlow = false): CallVerdict => verdictOf(one, isSlow, () => NOW);

describe('what an answer says about the load of a node', () => {
  it.each([
    ['429', answer(429)],
    ['503 without a body', answer(503)],
    ['503 of a gateway, in HTML', answer(503, '<html>')],
    ['502 of a gateway', answer(502, '<html>')],
    ['504 without extras', answer(504, { type: 'timeout', status: 504 })],
    ['504 with extras that name no envelope', answer(504, { extras: {} })],
  ])('is that it is overloaded: %s', (_name, one) => {
    expect(heard(one)).toEqual({ signal: 'overloaded', retryAfterMs: null });
  });

  it.each([
    ['TRY_AGAIN_LATER', answer(503, { tx_status: 'TRY_AGAIN_LATER', hash: 'ab' }, { 'retry-after': '9' })],
    ['an envelope that no ledger took in time', answer(504, { extras: { hash: 'ab', envelope_xdr: 'AA' } })],
    ['an error of its own', answer(500)],
  ])('is nothing, where it is about one envelope or one question: %s', (_name, one) => {
    expect(heard(one)).toEqual({ signal: 'neutral', retryAfterMs: null });
  });

  it.each([200, 201, 400, 404, 410])('is that it is well: %i', (status) => {
    expect(heard(answer(status)).signal).toBe('well');
    expect(heard(answer(status), true).signal).toBe('slow');
  });

  it.each([
    ['seconds', '12', 12_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['a date that is over', 'Thu, 01 Jan 2026 00:00:00 GMT', 0],
    ['nonsense', 'soon', null],
    ['a negative number', '-1', null],
  ])('tells how long it asks to be left alone: %s', (_name, value, retryAfterMs) => {
    expect(heard(answer(429, '', { 'retry-after': value })).retryAfterMs).toBe(retryAfterMs);
  });
});

describe('the usual latency of a node', () => {
  let now = 0;
  const latency = (): UsualLatency => new UsualLatency(() => now);

  it('makes an answer slow that takes four times as long, and more than a second', () => {
    const usual = latency();
    expect([50, 900, 1_001].map((ms) => usual.isSlow(ms))).toEqual([false, false, true]);
    const far = latency();
    expect([600, 2_300, 2_401].map((ms) => far.isSlow(ms))).toEqual([false, false, true]);
  });

  it('is learned anew when a node has become slower for good', () => {
    const usual = latency();
    usual.isSlow(50);
    const verdicts = [0, 1, 2].map(() => {
      now += 60_000;
      return usual.isSlow(1_500);
    });
    expect(verdicts).toEqual([true, false, false]);
  });
});
