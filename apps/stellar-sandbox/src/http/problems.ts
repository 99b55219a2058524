/** An error as Horizon describes it (RFC 7807). */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly type: string,
    readonly title: string,
    readonly status: number,
    readonly more: { readonly detail?: string; readonly extras?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(title);
  }

  toJson(): Record<string, unknown> {
    const type = `https://stellar.org/horizon-errors/${this.type}`;
    return { type, title: this.title, status: this.status, ...this.more };
  }
}

export const notFound = (): Problem =>
  new Problem('not_found', 'Resource Missing', 404, {
    detail:
      'The resource at the url requested was not found.  This usually occurs for one of two reasons:  The url requested is not valid, or no data in our database could be found with the parameters provided.',
  });

export const badRequest = (field: string, reason: string): Problem =>
  new Problem('bad_request', 'Bad Request', 400, {
    detail: 'The request you sent was invalid in some way.',
    extras: { invalid_field: field, reason },
  });

export const beforeHistory = (): Problem =>
  new Problem('before_history', 'Data Requested Is Before Recorded History', 410, {
    detail:
      "This horizon instance is configured to only track a portion of the stellar network's latest history. This request is asking for results prior to the recorded history known to this horizon instance.",
  });

export const invalidAccountsParams = (): Problem =>
  new Problem('invalid_accounts_params', 'Invalid Accounts Parameters', 400, {
    detail:
      'Exactly one filter is required. Please ensure that you are including a signer, sponsor, asset, or liquidity pool filter.',
  });

export const notAcceptable = (): Problem =>
  new Problem(
    'not_acceptable',
    'An acceptable response content-type could not be provided for this request',
    406,
  );

export const unsupportedMediaType = (): Problem =>
  new Problem('unsupported_media_type', 'Unsupported Media Type', 415, {
    detail:
      'The request has an unsupported content type. Presently, the only supported content type is application/x-www-form-urlencoded.',
  });

export const notImplemented = (): Problem =>
  new Problem('not_implemented', 'Resource Not Yet Implemented', 501, {
    detail: 'The sandbox network does not serve this resource.',
  });

export const malformed = (envelope: string): Problem =>
  new Problem('transaction_malformed', 'Transaction Malformed', 400, {
    detail:
      'Horizon could not decode the transaction envelope in this request. A transaction should be an XDR TransactionEnvelope struct encoded using base64.  The envelope read from this request is echoed in the `extras.envelope_xdr` field of this response for your convenience.',
    extras: { envelope_xdr: envelope },
  });

export const transactionFailed = (extras: Readonly<Record<string, unknown>>): Problem =>
  new Problem('transaction_failed', 'Transaction Failed', 400, {
    detail:
      'The transaction failed when submitted to the stellar network. The `extras.result_codes` field on this response contains further details.  Descriptions of each code can be found at: https://developers.stellar.org/api/errors/http-status-codes/horizon-specific/transaction-failed/',
    extras,
  });

const TIMEOUT_DETAIL =
  'Your transaction submission request has timed out. This does not necessarily mean the submission has failed. Before resubmitting, please use the transaction hash provided in `extras.hash` to poll the GET /transactions endpoint for sometime and check if it was included in a ledger.';

export const submissionTimeout = (envelope: string, hash: string): Problem =>
  new Problem('transaction_submission_timeout', 'Transaction Submission Timeout', 504, {
    detail: TIMEOUT_DETAIL,
    extras: { envelope_xdr: envelope, hash },
  });

/** As older servers, and gateways in front, say it: nothing tells which ledger transaction it was. */
export const timeout = (): Problem =>
  new Problem('timeout', 'Timeout', 504, {
    detail:
      'Your request timed out before completing.  Please try your request again. If you are submitting a transaction make sure you are sending exactly the same transaction (with the same sequence number).',
  });

export const rateLimited = (): Problem =>
  new Problem('rate_limit_exceeded', 'Rate Limit Exceeded', 429, {
    detail: 'The rate limit for the requesting IP address is over its alloted limit.',
  });

export const staleHistory = (): Problem =>
  new Problem('stale_history', 'Historical DB Is Too Stale', 503, {
    detail:
      'This horizon instance is configured to reject client requests when it can determine that the history database is lagging too far behind the connected instance of Stellar-Core or read replica.',
  });
