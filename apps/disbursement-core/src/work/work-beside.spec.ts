import { WorkBeside } from './work-beside';

describe('work that goes on beside other work', () => {
  it('is not begun again before it has ended', async () => {
    const beside = new WorkBeside();
    const first = Promise.withResolvers<undefined>();
    const others = jest.fn(() => Promise.resolve());
    beside.begin(() => first.promise);
    beside.begin(others);
    expect(others).not.toHaveBeenCalled();
    first.resolve(undefined);
    await beside.end();
    beside.begin(others);
    expect(others).toHaveBeenCalledTimes(1);
  });

  it('is waited for at the end, and there tells that it failed; it is not begun again', async () => {
    const beside = new WorkBeside();
    const first = Promise.withResolvers<undefined>();
    const others = jest.fn(() => Promise.resolve());
    beside.begin(() => first.promise);
    first.reject(new Error('no connection'));
    await new Promise((resolve) => setImmediate(resolve));
    beside.begin(others);
    await expect(beside.end()).rejects.toThrow('no connection');
    expect(others).not.toHaveBeenCalled();
  });

  it('is over at once when there was none', async () => {
    await expect(new WorkBeside().end()).resolves.toBeUndefined();
  });
});
