import type { SeededRandom } from './seeded-random';
import type { NetworkWeather } from './simulated-transport';
import type { DatabaseWeather } from './stepped-unit-of-work';

/** Everything that goes wrong by itself, each from 0 to 1 per occasion. */
export interface Weather extends NetworkWeather, DatabaseWeather {
  /** A process dies somewhere in its turn; per turn. */
  crash: number;
  /** A process stands still for some ledgers, as by SIGSTOP; per turn. */
  freeze: number;
  /** A process stops and another one starts, as in a deployment; per turn. */
  restart: number;
  /** The session that shows others that a process lives is lost; per turn. */
  loseSession: number;
  /** A node stops ingesting, or goes on; per node and ledger. */
  lag: number;
  /** A node cannot be reached for a ledger; per node and ledger. */
  nodeDown: number;
  /** The network asks for more than the usual fee; per ledger. */
  surge: number;
  /** Somebody presses a button; per ledger. */
  press: number;
}

const CALM: Weather = {
  loseRequest: 0,
  loseAnswer: 0,
  gateway: 0,
  arriveLate: 0,
  holdBack: 0,
  drop: 0,
  failRead: 0,
  cutBefore: 0,
  cutAtCommit: 0,
  crash: 0,
  freeze: 0,
  restart: 0,
  loseSession: 0,
  lag: 0,
  nodeDown: 0,
  surge: 0,
  press: 0,
};

/** The worst of each kind. */
const WORST: Weather = {
  loseRequest: 0.5,
  loseAnswer: 0.7,
  gateway: 0.6,
  arriveLate: 0.5,
  holdBack: 0.5,
  drop: 0.4,
  failRead: 0.2,
  cutBefore: 0.05,
  cutAtCommit: 0.05,
  crash: 0.4,
  freeze: 0.15,
  restart: 0.1,
  loseSession: 0.1,
  lag: 0.5,
  nodeDown: 0.3,
  surge: 0.3,
  press: 0.9,
};

// Object.keys forgets the key type; the keys are exactly those of the weather.
const KINDS = Object.keys(WORST) as (keyof Weather)[];

/** What is bad together: half of the seeds have one of these on top of what they draw. */
const THEMES: readonly Partial<Weather>[] = [
  {},
  {},
  {},
  { lag: 0.5, holdBack: 0.5, arriveLate: 0.3, nodeDown: 0.2, failRead: 0.1 },
  { crash: 0.5, freeze: 0.3, loseAnswer: 0.5 },
  { press: 0.9, restart: 0.1 },
  { freeze: 0.4, loseSession: 0.5, restart: 0.1 },
];

/** Each kind of fault is absent in half of the seeds, so that combinations of few and of many are met. */
export function drawWeather(random: SeededRandom): Weather {
  const drawn = { ...CALM };
  for (const kind of KINDS) drawn[kind] = random.chance(0.5) ? 0 : WORST[kind] * random.next();
  return Object.assign(drawn, random.pick(THEMES));
}

export function calmDown(weather: Weather): void {
  Object.assign(weather, CALM);
}
