export const CODE_LIFETIME_SECONDS = 300;
/** Wrong tries per code. */
export const TRIES_PER_CODE_MAX = 5;
/** Wrong tries per hour, however many codes were asked for meanwhile. */
export const TRIES_PER_HOUR_MAX = 15;
/** Codes sent per hour: nobody makes us send a hundred SMS to somebody else. */
export const CODES_PER_HOUR_MAX = 10;

/** What is stored about the code of one receiver wallet; the times were compared by the database's clock. */
export interface CodeState {
  readonly isExpired: boolean;
  readonly tries: number;
  /** Wrong tries within the present hour. */
  readonly windowTries: number;
}

export type CodeVerdict = 'right' | 'wrong' | 'exceeded' | 'expired';

/** Whether a code may be tried at all, before it is compared. Null: it may. */
export function refusalBefore(state: CodeState): 'exceeded' | 'expired' | null {
  if (state.tries >= TRIES_PER_CODE_MAX || state.windowTries >= TRIES_PER_HOUR_MAX) return 'exceeded';
  return state.isExpired ? 'expired' : null;
}

/** What a wrong try is answered with, having been counted: the last one allowed already says that it was. */
export const verdictOfWrong = (state: CodeState): 'wrong' | 'exceeded' =>
  state.tries + 1 >= TRIES_PER_CODE_MAX || state.windowTries + 1 >= TRIES_PER_HOUR_MAX ? 'exceeded' : 'wrong';
