import type { SubmitAnswer } from '@libs/ledger';
import { z } from 'zod';

import { type HttpAnswer, type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
import { type Refused, refusalOf } from './outcome-codes';
import { readResult } from './result-codes';

const asyncShape = z.object({
  tx_status: z.string(),
  error_result_xdr: z.string().optional(),
  errorResultXdr: z.string().optional(),
});

const problemShape = z.object({
  type: z.string(),
  extras: z
    .object({
      result_codes: z
        .object({
          transaction: z.string(),
          inner_transaction: z.string().optional(),
          operations: z.array(z.string()).optional(),
        })
        .optional(),
      result_xdr: z.string().optional(),
    })
    .optional(),
});

const ACCEPTED: SubmitAnswer = { kind: 'accepted' };
const ASYNC_TIMEOUT_MS = 10_000;
/** Horizon itself gives up after 30 s, counted from the answer of its core. */
const SYNC_TIMEOUT_MS = 40_000;
/** An envelope that is not sent in this time is about to be given up by its maker. */
const PATIENCE_MS = 45_000;
const NO_ASYNC_STATUSES = [404, 405, 501];
/** Servers are upgraded, and what is before them may have been what said no. */
const ASYNC_ASKED_AGAIN_MS = 300_000;

const silent = (reason: string): SubmitAnswer => ({ kind: 'silent', reason });

/** Where envelopes are posted at one Horizon server. */
export class SubmissionEndpoint {
  /** Horizon before 2.28 has no asynchronous endpoint; then the one that waits for the ledger is used. */
  private noAsyncUntil = -Infinity;

  constructor(
    private readonly url: string,
    private readonly http: HttpTransport,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** For how many milliseconds the server is better left alone. */
  get restMs(): number {
    return this.http.restMs?.(this.url) ?? 0;
  }

  async post(payload: string): Promise<SubmitAnswer> {
    try {
      if (this.now() >= this.noAsyncUntil) {
        const answer = await this.send('/transactions_async', payload, { timeoutMs: ASYNC_TIMEOUT_MS });
        if (!NO_ASYNC_STATUSES.includes(answer.status)) return readAsync(answer);
        this.noAsyncUntil = this.now() + ASYNC_ASKED_AGAIN_MS;
      }
      const long = { timeoutMs: SYNC_TIMEOUT_MS, isLong: true };
      return readSync(await this.send('/transactions', payload, long));
    } catch (cause) {
      if (!(cause instanceof HttpSilenceError)) throw cause;
      return silent(cause.message);
    }
  }

  private async send(
    path: string,
    payload: string,
    how: Pick<HttpRequest, 'timeoutMs' | 'isLong'>,
  ): Promise<HttpAnswer> {
    const url = `${this.url}${path}`;
    return await this.http.send({ url, form: { tx: payload }, patienceMs: PATIENCE_MS, ...how });
  }
}

function readAsync(answer: HttpAnswer): SubmitAnswer {
  const body = readJson(answer.body);
  const parsed = asyncShape.safeParse(body);
  if (!parsed.success) return readProblem(answer, body);
  switch (parsed.data.tx_status) {
    case 'PENDING':
    case 'DUPLICATE':
      return ACCEPTED;
    case 'TRY_AGAIN_LATER':
      return refused({ code: 'TRY_AGAIN_LATER', isInner: false, operationCodes: [], feeNeeded: null });
    case 'ERROR':
      return refusedByResult(parsed.data.error_result_xdr ?? parsed.data.errorResultXdr ?? '');
    default:
      return silent('an unknown status');
  }
}

function readSync(answer: HttpAnswer): SubmitAnswer {
  if (answer.status === 200) return ACCEPTED;
  return readProblem(answer, readJson(answer.body));
}

function readProblem(answer: HttpAnswer, body: unknown): SubmitAnswer {
  const parsed = problemShape.safeParse(body);
  if (answer.status !== 400 || !parsed.success) return silent(`status ${String(answer.status)}`);
  const { type, extras } = parsed.data;
  if (type.endsWith('/transaction_malformed')) {
    return refused({ code: 'transaction_malformed', isInner: false, operationCodes: [], feeNeeded: null });
  }
  const codes = extras?.result_codes;
  if (codes === undefined) return refusedByResult(extras?.result_xdr ?? '');
  const feeNeeded =
    extras?.result_xdr === undefined ? null : (readResult(extras.result_xdr)?.feeCharged ?? null);
  return refused({
    code: codes.inner_transaction ?? codes.transaction,
    isInner: codes.inner_transaction !== undefined,
    operationCodes: codes.operations ?? [],
    feeNeeded,
  });
}

function refusedByResult(base64: string): SubmitAnswer {
  const result = readResult(base64);
  if (result === null) return silent('a refusal without a readable result');
  return refused({ ...result, feeNeeded: result.feeCharged });
}

function refused({
  code,
  isInner,
  operationCodes,
  feeNeeded,
}: Refused & { readonly feeNeeded: bigint | null }): SubmitAnswer {
  const refusal = refusalOf({ code, isInner, operationCodes });
  if (refusal === null) return silent(`the unknown code ${code.slice(0, 60)}`);
  return {
    kind: 'refused',
    code: refusal.code,
    operationCodes,
    advice: refusal.advice,
    feeNeeded: refusal.advice === 'bump' ? feeNeeded : null,
  };
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
