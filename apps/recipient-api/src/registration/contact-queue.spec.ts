import { ContactQueue } from './contact-queue';

describe('the queue of one contact', () => {
  it('lets one request after another pass, also after one that failed, and others beside it', async () => {
    const queue = new ContactQueue();
    const order: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const first = queue.pass('a', async () => {
      await gate;
      order.push('first');
      throw new Error('failed');
    });
    const second = queue.pass('a', () => Promise.resolve(order.push('second')));
    await queue.pass('b', () => Promise.resolve(order.push('another contact')));
    open();
    await expect(first).rejects.toThrow('failed');
    await second;
    expect(order).toEqual(['another contact', 'first', 'second']);
  });

  it('sends away who comes when a hundred wait, and nobody after they are through', async () => {
    const queue = new ContactQueue();
    const all = Array.from({ length: 130 }, () => queue.pass('a', () => Promise.resolve(true)));
    const passed = (await Promise.all(all)).filter((one) => one !== null);
    expect(passed).toHaveLength(100);
    expect(await queue.pass('a', () => Promise.resolve(true))).toBe(true);
  });
});
