/** How far a disbursement has come. Every count is of people. */
export interface Counts {
  readonly people: number;
  readonly uploaded: number;
  readonly invited: number;
  readonly registered: number;
  readonly paid: number;
  readonly confirmed: number;
}

export const STEPS = ['uploaded', 'invited', 'registered', 'paid', 'confirmed'] as const;
