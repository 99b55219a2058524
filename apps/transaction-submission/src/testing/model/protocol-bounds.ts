import type { Bounds } from './protocol-state';

export interface NamedBounds extends Bounds {
  readonly name: string;
}

/** One payment, two channel accounts, one process, ledgers that come late, nodes that lag by one. */
export const SMALL: Bounds = {
  payments: 1,
  channels: 2,
  workers: 1,
  lifetime: 2,
  lag: 1,
  mayFail: [],
  cannotPass: [],
  people: false,
  forgets: false,
  dispatchesMax: 2,
};

/** What each run of the tests explores: each of the things that go wrong, in some company. */
export const QUICK: readonly NamedBounds[] = [
  { ...SMALL, name: 'two processes', workers: 2 },
  { ...SMALL, name: 'three payments', payments: 3 },
  {
    ...SMALL,
    name: 'two payments on one channel account, two processes',
    payments: 2,
    channels: 1,
    workers: 2,
  },
  { ...SMALL, name: 'nodes that lag by two ledgers', payments: 2, lag: 2 },
  { ...SMALL, name: 'people, and a payment that the ledger refuses', people: true, mayFail: [0] },
  { ...SMALL, name: 'people, and a payment that no node takes', people: true, cannotPass: [0] },
  { ...SMALL, name: 'people and two processes', people: true, channels: 1, workers: 2 },
  { ...SMALL, name: 'a database that forgets', forgets: true },
  { ...SMALL, name: 'a database that forgets, and people', forgets: true, people: true },
];

/** Minutes rather than seconds: what `npm run model-check` explores besides. */
export const THOROUGH: readonly NamedBounds[] = [
  {
    ...SMALL,
    name: 'two of each, short lives',
    payments: 2,
    workers: 2,
    lifetime: 1,
    lag: 0,
  },
  {
    ...SMALL,
    name: 'people, two payments on one channel account, two processes',
    people: true,
    payments: 2,
    channels: 1,
    workers: 2,
  },
  {
    ...SMALL,
    name: 'people, one payment that is refused, one that no node takes',
    people: true,
    payments: 2,
    mayFail: [0],
    cannotPass: [1],
  },
  { ...SMALL, name: 'a database that forgets, two processes', forgets: true, workers: 2 },
  { ...SMALL, name: 'a database that forgets, two payments', forgets: true, payments: 2 },
  { ...SMALL, name: 'two of each', payments: 2, workers: 2 },
];
