/** Why a file was not taken: the answer that the person gets. */
export interface UploadRefusal {
  readonly status: 400 | 409;
  readonly error: string;
  readonly extras?: Readonly<Record<string, string>>;
}

/** Leaves the database transaction, so that nothing of a refused file stays. */
export class UploadRefusedError extends Error {
  override readonly name = 'UploadRefusedError';

  constructor(readonly refusal: UploadRefusal) {
    super(refusal.error);
  }
}

/** The bytes are no table at all. `details` says what is wrong and how to mend it. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';

  constructor(readonly details: string) {
    super(details);
  }
}

/** The upload was given up: nothing of it is published. */
export class UploadLostError extends Error {
  override readonly name = 'UploadLostError';
}
