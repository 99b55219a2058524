import type { Reply, TestServer } from './test-server';

/** Does `act` before the next call of the method goes on, as if that one had been slow. */
export function overtake(target: object, name: string, act: () => Promise<unknown>): void {
  const usual = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
  const slow = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    Reflect.set(target, name, usual);
    await act();
    return await usual.apply(this, args);
  };
  Reflect.set(target, name, slow);
}

/** Asks for `second` in the middle of what calls the method next, which goes on once that waits for it or is done. */
export function inTheMiddleOf(
  server: TestServer,
  target: object,
  name: string,
  second: () => Promise<Reply>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    overtake(target, name, async () => {
      const asked = second();
      asked.then(resolve, reject);
      await Promise.race([asked, server.waitsForLock()]);
    });
  });
}
