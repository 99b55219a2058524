import type { SubmitAnswer } from '@libs/ledger';

import { SendingService, type ToSend } from './sending.service';

const envelopes = (count: number, from = 0): readonly ToSend[] =>
  Array.from({ length: count }, (_, index) => ({
    tenantId: 'tenant',
    attemptId: `attempt ${String(from + index)}`,
    payload: 'payload',
    payments: 1,
  }));

describe('envelopes that wait to be posted', () => {
  let now: number;
  let answer: (() => void)[];
  let sending: SendingService;
  beforeEach(() => {
    now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    answer = [];
    const submit = async (): Promise<SubmitAnswer> =>
      await new Promise((resolve) => {
        answer.push(() => {
          resolve({ kind: 'accepted' });
        });
      });
    sending = new SendingService({ submit }, () => undefined);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const answered = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      answer.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('are no more than can be posted soon, while nodes take none', () => {
    sending.send(envelopes(60));
    expect(sending.room).toBe(4);
    sending.send(envelopes(10, 60));
    expect(sending.room).toBe(0);
  });

  it('are as many as were posted in the last ten seconds', async () => {
    sending.send(envelopes(100));
    await answered(100);
    expect(sending.room).toBe(100);
    now += 9_000;
    expect(sending.room).toBe(100);
    now += 2_000;
    expect(sending.room).toBe(64);
  });
});
