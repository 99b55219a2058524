import { setTimeout as pause } from 'node:timers/promises';

import { Turnstile } from './turnstile';

describe('a turnstile', () => {
  it('lets so many through at a time, and everybody in the end, also after a failure', async () => {
    const door = new Turnstile(3);
    let inside = 0;
    let most = 0;
    const visit = async (number: number): Promise<number> => {
      inside += 1;
      most = Math.max(most, inside);
      await pause(1);
      inside -= 1;
      if (number === 2) throw new Error('turned back');
      return number;
    };
    const visits = Array.from({ length: 20 }, (_, number) => door.pass(() => visit(number)));
    const outcomes = await Promise.allSettled(visits);
    expect(most).toBe(3);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(19);
  });
});
