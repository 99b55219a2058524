import { type CallSignal, NodeBudget, type StartedCall } from './node-budget';

const OVERLOADED = { signal: 'overloaded', retryAfterMs: null } as const;
const NEUTRAL = { signal: 'neutral', retryAfterMs: null } as const;
const WELL = { signal: 'well', retryAfterMs: null } as const;

describe('the budget of a node', () => {
  let now: number;
  let random: number;
  let budget: NodeBudget;
  beforeEach(() => {
    [now, random] = [0, 0];
    budget = new NodeBudget({ now: () => now, random: () => random });
  });

  const begin = (count: number): StartedCall[] => Array.from({ length: count }, () => budget.begin());
  const call = (signal: CallSignal): void => {
    now += 10;
    const started = budget.begin();
    now += 10;
    budget.end(started, { signal, retryAfterMs: null });
  };

  it('lets 64 calls be under way and no more, until one has ended', () => {
    const [first] = begin(64);
    expect(budget.waitMs()).toBe(Infinity);
    if (first !== undefined) budget.end(first, WELL);
    expect(budget.waitMs()).toBe(0);
  });

  it('is halved once for all that was under way together, and again for what began later', () => {
    const calls = begin(40);
    now += 10;
    for (const one of calls) budget.end(one, OVERLOADED);
    expect(budget.inFlightMax).toBe(32);
    call('overloaded');
    expect(budget.inFlightMax).toBe(16);
  });

  it('grows by one call for each round of calls that went well, where it is made use of', () => {
    for (let cuts = 0; cuts < 4; cuts += 1) call('overloaded');
    now += 60_000;
    expect(budget.inFlightMax).toBe(4);
    for (let rounds = 0; rounds < 2; rounds += 1) {
      // Each call that ends is followed by another, so that the budget is used up all the time.
      const full = begin(budget.inFlightMax);
      now += 10;
      for (let ended = 0; ended < full.length; ended += 1) {
        budget.end({ at: now }, WELL);
        budget.begin();
      }
      while (budget.inFlight > 0) budget.end({ at: now }, NEUTRAL);
    }
    expect(budget.inFlightMax).toBe(5);
    for (let single = 0; single < 100; single += 1) call('well');
    expect(budget.inFlightMax).toBe(5);
  });

  it('goes on at half the speed that it had', () => {
    for (let calls = 0; calls < 400; calls += 1) {
      now += 20;
      budget.end(budget.begin(), NEUTRAL);
    }
    call('overloaded');
    expect(budget.perSecondMax).toBeGreaterThan(20);
    expect(budget.perSecondMax).toBeLessThan(30);
  });

  it('never falls below one call at once and one in two seconds', () => {
    for (let cuts = 0; cuts < 50; cuts += 1) call('overloaded');
    expect([budget.inFlightMax, budget.perSecondMax]).toEqual([1, 0.5]);
  });

  it('gives longer rests each time, up to 30 s, and short ones again after an answer', () => {
    random = 0.999_999;
    const rests = Array.from({ length: 9 }, () => {
      call('overloaded');
      const rest = Math.round(budget.restMs);
      now += rest;
      return rest;
    });
    expect(rests).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    call('well');
    call('overloaded');
    expect(Math.round(budget.restMs)).toBe(250);
  });

  it('draws lots for how long a rest is, at least half of it', () => {
    random = 0;
    call('overloaded');
    expect(budget.restMs).toBe(125);
  });

  it('rests for as long as it is asked to and a little longer, but never for more than some minutes', () => {
    const asked = (seconds: number): number => {
      const started = budget.begin();
      now += 10;
      budget.end(started, { signal: 'overloaded', retryAfterMs: seconds * 1_000 });
      return budget.restMs;
    };
    expect(asked(7)).toBe(7_000);
    expect(budget.waitMs()).toBeGreaterThanOrEqual(7_000);
    random = 0.5;
    now += 7_000;
    expect(asked(10)).toBe(10_500);
    now += 10_500;
    random = 0;
    expect(asked(86_400)).toBe(300_000);
  });

  it('is halved by a slow answer, without a rest', () => {
    call('slow');
    expect([budget.inFlightMax, budget.restMs]).toEqual([32, 0]);
  });

  it('learns nothing from an answer that is about one envelope', () => {
    for (let calls = 0; calls < 20; calls += 1) call('neutral');
    expect([budget.inFlightMax, budget.perSecondMax, budget.restMs]).toEqual([64, 1_000, 0]);
  });

  it.each([2, 20, 200])(
    'finds the speed that a node allows, %i a second, and asks little beyond it',
    (allowed) => {
      random = 0.5;
      let [room, taken, refused] = [allowed, 0, 0];
      const seconds = 120;
      for (const end = seconds * 1_000; now < end; now += 1) {
        room = Math.min(allowed, room + allowed / 1_000);
        while (budget.waitMs() === 0) {
          const started = budget.begin();
          if (room >= 1) {
            [room, taken] = [room - 1, taken + 1];
            budget.end({ at: started.at + 0.5 }, WELL);
          } else {
            refused += 1;
            budget.end({ at: started.at + 0.5 }, OVERLOADED);
          }
        }
      }
      expect(taken).toBeGreaterThan(allowed * seconds * 0.6);
      expect(refused).toBeLessThan(taken * 0.2);
    },
  );
});
