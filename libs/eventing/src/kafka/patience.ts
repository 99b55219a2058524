import type { Consumer } from 'kafkajs';

/** Kafka, or the client between it and us, did not come to an end of something in time. */
export class KafkaSilenceError extends Error {
  override readonly name = 'KafkaSilenceError';
}

/**
 * The outcome of the work, or a `KafkaSilenceError` when it takes longer. The client has waits without an end of their own: it
 * gives no request a time limit whose connection is being closed.
 */
export async function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new KafkaSilenceError(`${what} took longer than ${String(milliseconds / 1_000)} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

const LOOKS = 12;

/**
 * Notices a consumer that neither asks for events, nor beats, nor says that it failed. Silence is counted in looks and not by
 * the clock: a process that was frozen has not looked either.
 */
export class LifeSigns {
  /** Rejects with a `KafkaSilenceError`. */
  readonly lost: Promise<never>;
  private timer: NodeJS.Timeout | undefined;

  constructor(consumer: Consumer, silenceMs: number) {
    let silentLooks = 0;
    const heard = (): void => {
      silentLooks = 0;
    };
    const { FETCH, HEARTBEAT, GROUP_JOIN, REBALANCING, START_BATCH_PROCESS, CRASH } = consumer.events;
    consumer.on(FETCH, heard);
    consumer.on(HEARTBEAT, heard);
    consumer.on(GROUP_JOIN, heard);
    consumer.on(REBALANCING, heard);
    consumer.on(START_BATCH_PROCESS, heard);
    consumer.on(CRASH, heard);
    this.lost = new Promise((_resolve, reject) => {
      this.timer = setInterval(() => {
        silentLooks += 1;
        if (silentLooks <= LOOKS) return;
        reject(new KafkaSilenceError(`the consumer gave no sign of life for ${String(silenceMs / 1_000)} s`));
      }, silenceMs / LOOKS);
    });
    this.lost.catch(() => undefined);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
