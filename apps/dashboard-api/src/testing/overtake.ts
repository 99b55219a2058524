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
