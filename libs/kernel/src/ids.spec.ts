import { isId, newId } from './ids';

describe('a new id', () => {
  it('is a UUID of version 7', () => {
    const id = newId();
    expect(isId(id)).toBe(true);
    expect(id[14]).toBe('7');
  });

  it('sorts by when it was made, to the millisecond', async () => {
    const first = newId();
    const madeAt = Date.now();
    while (Date.now() === madeAt) await new Promise((resume) => setImmediate(resume));
    expect(first < newId()).toBe(true);
  });

  it.each(['', 'x', '0197A000-0000-7000-8000-000000000001', "0197a000-0000-7000-8000-000000000001'"])(
    'is never %j',
    (text) => {
      expect(isId(text)).toBe(false);
    },
  );
});
