import { StallWatch, type WatchedRequest } from './stall-watch';

const STALL_MS = 200;

/** A request of which bytes come when the test says so. */
class Sender implements WatchedRequest {
  readonly socket = { bytesRead: 0 };
  readonly complete = false;
  looks = 0;
  pausedLooks = 0;

  isPaused(): boolean {
    this.looks += 1;
    return this.looks <= this.pausedLooks;
  }

  destroy(): void {
    this.socket.bytesRead = 0;
  }
}

/** As long garbage collection or a machine without time for us does. */
const standStill = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the watch over who sends a body', () => {
  it('gives up with 408 when nothing comes', async () => {
    const watch = new StallWatch(new Sender(), STALL_MS);
    await expect(watch.stalled).rejects.toMatchObject({ status: 408 });
    watch.stop();
  });

  it('does not take it for silence that this process stood still', async () => {
    const sender = new Sender();
    const watch = new StallWatch(sender, STALL_MS);
    let isStalled = false;
    watch.stalled.catch(() => (isStalled = true));
    for (let times = 0; times < 3; times += 1) {
      standStill(2 * STALL_MS);
      // Its timers come first, and only then what has arrived meanwhile.
      await turn();
      sender.socket.bytesRead += 1;
      await turn();
    }
    watch.stop();
    expect([isStalled, sender.looks > 0]).toEqual([false, true]);
  });

  it('does not count while it is we who do not read', async () => {
    const sender = new Sender();
    sender.pausedLooks = 15;
    const watch = new StallWatch(sender, STALL_MS);
    await expect(watch.stalled).rejects.toMatchObject({ status: 408 });
    watch.stop();
    expect(sender.looks).toBeGreaterThanOrEqual(25);
  });
});
