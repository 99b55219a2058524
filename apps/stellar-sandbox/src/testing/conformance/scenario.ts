import type { Stage } from './stage';

/** Sets the stage and returns the envelope that the recorded scenario sends. */
export type Scenario = (stage: Stage) => Promise<string>;

export type Scenarios = Readonly<Record<string, Scenario>>;
