/** How the supervisor learns that a child can be used. */
export type Readiness =
  /** It answers 200 there. */
  | { readonly kind: 'http'; readonly url: string }
  /** It says so itself: `process.send('ready')`. */
  | { readonly kind: 'message' }
  /** It does its work and ends with exit code 0. */
  | { readonly kind: 'done' };

export interface PortUse {
  readonly port: number;
  /** For the sentence about a taken port: `the staff API`. */
  readonly usedBy: string;
}

/** One child process. */
export interface ProcessSpec {
  readonly name: string;
  /** The compiled file, absolute. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ready: Readiness;
  /** How long it may take to be ready; a minute when left out. */
  readonly readyWithinMs?: number;
  /** What is said while it takes longer than a few seconds: `the first time, Kafka is fetched`. */
  readonly waitsFor?: string;
  readonly ports: readonly PortUse[];
}

/** Started one after another, the processes of a stage side by side; stopped in the opposite order. */
export interface Stage {
  readonly processes: readonly ProcessSpec[];
  /** How long its processes may take to end after SIGTERM; then they are killed. */
  readonly stopWithinMs: number;
}
