import RequestQueue from 'kafkajs/src/network/requestQueue';

import './kafka-client';

describe('a connection to Kafka', () => {
  const sent: number[] = [];
  let queue: RequestQueue;

  beforeEach(() => {
    jest.useFakeTimers();
    sent.length = 0;
    queue = new RequestQueue({
      requestTimeout: 1_000,
      enforceRequestTimeout: true,
      maxInFlightRequests: 1,
      clientId: 'one',
      broker: 'localhost:1',
      logger: { debug: () => undefined, warn: () => undefined },
      isConnected: () => true,
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const push = (correlationId: number): void => {
    queue.push({
      entry: { correlationId, resolve: () => undefined, reject: () => undefined },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    });
  };
  const answer = (correlationId: number): void => {
    queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });
  };

  it('sets no timer once everything was sent and answered', () => {
    push(1);
    push(2);
    answer(1);
    answer(2);
    jest.advanceTimersByTime(1_000);
    expect(sent).toEqual([1, 2]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('still sends by itself what the broker wanted to have later', () => {
    queue.throttledUntil = Date.now() + 300;
    push(1);
    jest.advanceTimersByTime(299);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(50);
    expect(sent).toEqual([1]);
  });
});
