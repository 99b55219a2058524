import { openFakeScene, payeesOn, receivedBy, runUntilDone } from './testing/run-engine';
import type { FaultRates } from '@libs/ledger';

describe('a crash at any point', () => {
  it('pays everybody once, whichever commit or send it hits', async () => {
    const scene = await openFakeScene({ channels: 3 });
    const { world, fake } = scene;
    const measured = payeesOn(fake, 4);
    await world.dispatch(measured);
    const { kill } = await runUntilDone(scene, { next: () => world.process({ killAt: null }) });
    const points = kill.points;
    expect(points).toBeGreaterThan(30);
    for (let killAt = 1; killAt <= points; killAt += 1) {
      const payees = payeesOn(fake, 4);
      await world.dispatch(payees);
      let first = true;
      await runUntilDone(scene, {
        next: () => {
          const process = world.process({ killAt: first ? killAt : null });
          first = false;
          return process;
        },
      });
      expect({ killAt, received: receivedBy(fake, payees) }).toEqual({
        killAt,
        received: payees.map(({ amount }) => amount),
      });
    }
    const total = 4 * (points + 1);
    expect(await world.statuses()).toEqual({ SUCCESS: total });
    const told = (await world.outcomes()).map((one) => one.id);
    expect([told.length, new Set(told).size]).toEqual([total, total]);
    await world.close();
  }, 120_000);

  const NASTY: Partial<FaultRates> = {
    loseRequest: 0.15,
    loseAnswer: 0.2,
    delay: 0.2,
    refuse: 0.15,
    reorder: 0.5,
  };

  it.each([1, 2, 3, 4, 5, 6])(
    'pays everybody once on a nasty ledger, with crashes in between (seed %i)',
    async (seed) => {
      const scene = await openFakeScene({ channels: 4, ledger: { seed, faults: NASTY } });
      const { world, fake } = scene;
      const payees = payeesOn(fake, 16);
      await world.dispatch(payees);
      let processes = 0;
      await runUntilDone(scene, {
        secondsPerLedger: 7,
        turns: 200,
        next: () => {
          processes += 1;
          const killAt = processes < 12 ? ((seed * 31 + processes * 17) % 60) + 5 : null;
          return world.process({ killAt, settings: { paymentsPerEnvelope: 1 + (seed % 3) } });
        },
        afterTurn: (turns) => {
          fake.faults.lagLedgers = turns % 5 === seed % 5 ? 2 : 0;
          fake.faults.down = turns % 11 === seed;
          if (turns > 120) fake.faults.set({});
        },
      });
      fake.faults.down = false;
      expect(await world.statuses()).toEqual({ SUCCESS: payees.length });
      expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
      const told = (await world.outcomes()).map((one) => one.id);
      expect([told.length, new Set(told).size]).toEqual([payees.length, payees.length]);
      await world.close();
    },
  );
});
