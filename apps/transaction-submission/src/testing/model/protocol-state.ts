import type { AttemptStatus, SubmissionStatus } from '@libs/contracts';

/**
 * The attempt protocol in small: everything that decides whether a payment is paid twice, and nothing else.
 *
 * Time is told by ledgers and is relative: a bound is how many ledgers are left, a sequence number how far it is ahead of the
 * channel account's. So a run may go on for ever, and there are still finitely many states.
 */
export interface ProtocolState {
  readonly payments: PaymentState[];
  readonly channels: ChannelState[];
  /** Attempts that have not ended, as the database has them. */
  readonly attempts: AttemptState[];
  /** Envelopes that somebody out there has: any later ledger may include them, or none. */
  readonly network: EnvelopeState[];
  readonly workers: WorkerState[];
  hold: HoldState | null;
  /** How many ledgers after the database forgot something may still include it; null before that has happened. */
  restored: number | null;
}

export interface PaymentState {
  /** Of the newest dispatch. */
  submission: SubmissionStatus;
  dispatch: number;
  /** How often the ledger has paid it. */
  paid: number;
  /** What core was told. */
  told: 'SUCCESS' | 'FAILED' | null;
}

export interface ChannelState {
  /** A worker, or nobody who lives. */
  owner: number;
  live: number | null;
  /** The highest sequence number that the database knows as used, seen from the ledger's: 0 or less. */
  known: number;
  /** Which of the newest ledgers used its sequence number, the newest one first: nodes that lag do not show that yet. */
  recent: readonly boolean[];
}

export interface AttemptState {
  /** Names its inner ledger transaction, as a hash does. */
  readonly id: number;
  readonly payment: number;
  readonly dispatch: number;
  readonly channel: number;
  /** How far its sequence number is ahead: 1 is the next one to be used. */
  ahead: number;
  /** How many more ledgers may include it; below 0 its time has passed. */
  left: number;
  status: Extract<AttemptStatus, 'STORED' | 'SENT' | 'LOST'>;
  /** A node said that it cannot pass as it is. */
  isRefused: boolean;
  /** What the ledger has done about it, whoever knows of it. */
  fate: 'applied' | 'failed' | 'superseded' | null;
  /** How many ledgers have closed since the one that did it: a node that lags further does not show it yet. */
  age: number;
}

export interface EnvelopeState {
  readonly id: number;
  /** Null for the no-op. */
  readonly payment: number | null;
  readonly dispatch: number;
  readonly channel: number;
  ahead: number;
  left: number;
}

/** What a worker has in its memory, between two database transactions. A crash forgets it. */
export type WorkerState =
  | { readonly at: 'rest' }
  | {
      readonly at: 'planned' | 'stored' | 'sending' | 'no-op' | 'silence' | 'refusal';
      /** As the worker remembers it, grown older with the ledgers. */
      readonly mine: AttemptState;
      /** Whether the channel account has not changed hands since. */
      readonly isOwner: boolean;
    };

export interface HoldState {
  /** Payments that the call listed as sent. */
  readonly listed: readonly number[];
}

export const NOBODY = -1;

export function copyOf(state: ProtocolState): ProtocolState {
  return {
    payments: state.payments.map((one) => ({ ...one })),
    channels: state.channels.map((one) => ({ ...one })),
    attempts: state.attempts.map((one) => ({ ...one })),
    network: state.network.map((one) => ({ ...one })),
    workers: [...state.workers],
    hold: state.hold,
    restored: state.restored,
  };
}

export interface Bounds {
  readonly payments: number;
  readonly channels: number;
  readonly workers: number;
  /** In how many ledgers an attempt may be included. */
  readonly lifetime: number;
  /** How many ledgers a node may be behind the newest one. */
  readonly lag: number;
  /** Which payments the ledger may refuse for good. */
  readonly mayFail: readonly number[];
  /** Which payments no node takes as they are built. */
  readonly cannotPass: readonly number[];
  /** Whether somebody presses hold, release, recall, cancel and retry. */
  readonly people: boolean;
  /** Whether the database may forget, once, what it stored last: a standby without it was promoted, or a backup restored. */
  readonly forgets: boolean;
  readonly dispatchesMax: number;
}

export function firstState({ payments, channels, workers, lag }: Bounds): ProtocolState {
  return {
    payments: Array.from({ length: payments }, () => ({
      submission: 'QUEUED',
      dispatch: 1,
      paid: 0,
      told: null,
    })),
    channels: Array.from({ length: channels }, () => ({
      owner: NOBODY,
      live: null,
      known: 0,
      recent: Array.from({ length: lag }, () => false),
    })),
    attempts: [],
    network: [],
    workers: Array.from({ length: workers }, () => ({ at: 'rest' as const })),
    hold: null,
    restored: null,
  };
}
