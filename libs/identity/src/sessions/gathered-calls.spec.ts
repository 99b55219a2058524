import { GatheredCalls } from './gathered-calls';

/** Calls that end when the test says so. */
class Calls {
  readonly orders: (readonly number[])[] = [];
  private readonly ends: ((fail: boolean) => void)[] = [];

  readonly call = async (orders: readonly number[]): Promise<readonly string[]> => {
    this.orders.push(orders);
    const fails = await new Promise<boolean>((resolve) => this.ends.push(resolve));
    if (fails) throw new Error('no database');
    return orders.map((order) => `answer ${String(order)}`);
  };

  async begun(count: number): Promise<void> {
    while (this.orders.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  end(index: number, fails = false): void {
    this.ends[index]?.(fails);
  }
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

describe('calls that many ask for at the same time', () => {
  it('are one, and each gets its own answer', async () => {
    const calls = new Calls();
    const gathered = new GatheredCalls(calls.call);
    const answers = Promise.all(range(1, 3).map((order) => gathered.ask(order)));
    await calls.begun(1);
    calls.end(0);
    expect(await answers).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(calls.orders).toEqual([[1, 2, 3]]);
  });

  it('take fifty at most', async () => {
    const calls = new Calls();
    const gathered = new GatheredCalls(calls.call);
    const answers = Promise.all(range(0, 120).map((order) => gathered.ask(order)));
    await calls.begun(3);
    for (const index of range(0, 3)) calls.end(index);
    expect(await answers).toEqual(range(0, 120).map((order) => `answer ${String(order)}`));
    expect(calls.orders.map(({ length }) => length)).toEqual([50, 50, 20]);
  });

  it('do not wait for one that hangs', async () => {
    const calls = new Calls();
    const gathered = new GatheredCalls(calls.call);
    const slow = gathered.ask(1);
    await calls.begun(1);
    const others = Promise.all(range(2, 2).map((order) => gathered.ask(order)));
    await calls.begun(2);
    calls.end(1);
    expect(await others).toEqual(['answer 2', 'answer 3']);
    calls.end(0);
    expect(await slow).toBe('answer 1');
  });

  it('go on after one that failed for all who shared it', async () => {
    const calls = new Calls();
    const gathered = new GatheredCalls(calls.call);
    const failed = Promise.allSettled(range(1, 2).map((order) => gathered.ask(order)));
    await calls.begun(1);
    calls.end(0, true);
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = gathered.ask(3);
    await calls.begun(2);
    calls.end(1);
    expect(await next).toBe('answer 3');
  });

  it('tell who was left without an answer', async () => {
    const gathered = new GatheredCalls<number, string>(() => Promise.resolve([]));
    await expect(gathered.ask(1)).rejects.toThrow('left somebody without an answer');
  });
});
