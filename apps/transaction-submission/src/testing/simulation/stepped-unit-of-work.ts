import {
  type Database,
  type SystemTx,
  type TenantContext,
  type TenantTx,
  UnitOfWork,
} from '@libs/persistence';

import type { SeededRandom } from './seeded-random';
import type { Actor } from './stepper';

/** What may happen to one database transaction besides the death of whoever runs it. */
export interface DatabaseWeather {
  /** The connection breaks between two statements: nothing is kept. From 0 to 1. */
  cutBefore: number;
  /** The connection breaks at COMMIT: everything is kept, and whoever waited hears an error. */
  cutAtCommit: number;
}

/** The connection to PostgreSQL broke. Its code says that the pooled connection itself is sound: it is only simulated. */
class SimulatedCutError extends Error {
  override readonly name = 'SimulatedCutError';
  readonly code = 'S1CUT';
}

const STATEMENTS: ReadonlySet<string | symbol> = new Set(['query', 'queryOne', 'execute']);

/** Each database transaction is one step. Between any two of its statements the process may die, or lose its connection. */
export class SteppedUnitOfWork extends UnitOfWork {
  constructor(
    database: Database,
    private readonly parts: {
      readonly actor: Actor;
      readonly random: SeededRandom;
      readonly weather: DatabaseWeather;
    },
  ) {
    super(database);
  }

  override async run<T>(context: TenantContext, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await this.parts.actor.step('database', () =>
      this.watched((pass) =>
        super.run(context, async (tx) => {
          const result = await work(counting(tx, pass));
          pass('before commit');
          return result;
        }),
      ),
    );
  }

  override async runSystem<T>(reason: string, work: (tx: SystemTx) => Promise<T>): Promise<T> {
    return await this.parts.actor.step(`database: ${reason}`, () =>
      this.watched((pass) =>
        super.runSystem(reason, async (tx) => {
          const result = await work(counting(tx, pass));
          pass('before commit');
          return result;
        }),
      ),
    );
  }

  private async watched<T>(run: (pass: (point: string) => void) => Promise<T>): Promise<T> {
    const { actor, random, weather } = this.parts;
    let cutIn = random.chance(weather.cutBefore) ? 1 + random.below(5) : 0;
    const result = await run((point) => {
      actor.pass(point);
      cutIn -= 1;
      if (cutIn === 0) throw new SimulatedCutError('the connection was cut');
    });
    actor.pass('after commit');
    if (random.chance(weather.cutAtCommit)) throw new SimulatedCutError('no answer to COMMIT');
    return result;
  }
}

function counting<Tx extends object>(tx: Tx, pass: (point: string) => void): Tx {
  return new Proxy(tx, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || !STATEMENTS.has(name)) return value;
      return async (...values: unknown[]): Promise<unknown> => {
        pass(`statement ${String(values[0]).trimStart().slice(0, 60).split('\n', 1)[0] ?? ''}`);
        return await Reflect.apply(value, target, values);
      };
    },
  });
}
