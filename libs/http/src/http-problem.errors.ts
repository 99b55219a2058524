/** What a caller is told when a request is not done. Only `error` is always there. */
export interface ProblemBody {
  readonly error: string;
  readonly extras?: Readonly<Record<string, unknown>>;
  readonly error_code?: string;
  readonly extras_codes?: readonly string[];
}

/** The text that stands for a status when nothing better is known. */
const DEFAULT_PROBLEM_TEXTS: Readonly<Record<number, string>> = {
  400: 'The request was invalid in some way.',
  401: 'Not authorized.',
  403: "You don't have permission to perform this action.",
  404: 'Resource not found.',
  409: 'The resource already exists.',
  413: 'The request body is too large.',
  415: 'The content type or encoding of the request is not supported.',
  422: 'Unprocessable entity.',
  503: 'There is too much to do at this moment. Please try again in a few seconds.',
  500: 'An internal error occurred while processing this request.',
};

/**
 * An answer other than success, thrown where the edge finds it out; the one filter turns it into JSON.
 * Without `error` the default text of the status is used.
 */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly body: ProblemBody;

  constructor(
    readonly status: number,
    body: Partial<ProblemBody> = {},
    /** For `Retry-After`: when asking again may help. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    const error = body.error ?? DEFAULT_PROBLEM_TEXTS[status] ?? 'The request could not be processed.';
    super(error);
    this.body = { ...body, error };
  }
}
