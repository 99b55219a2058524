import { createHash } from 'node:crypto';

import type { TenantTx } from '@libs/persistence';
import { fieldOf } from '@libs/kernel';
import type { Request } from 'express';

import { HttpProblem } from './http-problem.errors';
import { routedPath } from './routed-path';

/** One use of the header `Idempotency-Key`. Without a key the work is simply done. */
export interface IdempotentRequest {
  readonly key: string | null;
  /** Who asks for what: the same key of another person, of another API key or for another route is another key. */
  readonly scope: string;
  readonly bodyHash: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const KEY_LENGTH_MAX = 255;
const KEEP_FOR = '24 hours';
const FORGET_ROWS_MAX = 100;
/** Who waits keeps a connection to the database. */
const FIRST_AWAITED_MS = 10_000;
/** By which PostgreSQL says that a lock was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';
/** When the first request may be done. */
const RETRY_AFTER_SECONDS = 1;

/** Reads the header. `owner` is whose keys they are; `body` is what makes two requests the same: the parsed JSON, or the hash of an upload. */
export function idempotentRequestOf(request: Request, owner: string, body: unknown): IdempotentRequest {
  const key = request.headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || key.length < 1 || key.length > KEY_LENGTH_MAX)) {
    const why = `must have from 1 to ${String(KEY_LENGTH_MAX)} characters`;
    throw new HttpProblem(400, { extras: { 'Idempotency-Key': why } });
  }
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body ?? null));
  return {
    key: key ?? null,
    scope: `${owner} ${request.method} ${routedPath(request)}`.slice(0, 500),
    bodyHash: createHash('sha256').update(bytes).digest(),
  };
}

interface KeptRow {
  readonly body_hash: Uint8Array;
  readonly status: number;
  readonly body: string;
}

/** Answers kept under their Idempotency-Key, in the same database transaction as the work that they tell about. */
export class IdempotencyKeysRepository {
  private readonly firstAwaitedMs: number;
  private readonly onAnsweredAgain: (tx: TenantTx) => void;

  /** `onAnsweredAgain` is told of a request that waited for the first one and does nothing itself, though it locked its key. */
  constructor(
    options: { readonly firstAwaitedMs?: number; readonly onAnsweredAgain?: (tx: TenantTx) => void } = {},
  ) {
    this.firstAwaitedMs = options.firstAwaitedMs ?? FIRST_AWAITED_MS;
    this.onAnsweredAgain = options.onAnsweredAgain ?? (() => undefined);
  }

  /**
   * Does `work` once per key. A second request with the same key waits a little for the first one's end: when that
   * committed, it gets the same answer, or a 409 when its body is another; when it rolled back, this one does the work;
   * when it is still running, 409. After 24 hours a key is free again.
   */
  async once(tx: TenantTx, request: IdempotentRequest, work: () => Promise<Answer>): Promise<Answer> {
    const { key, scope } = request;
    if (key === null) return await work();
    // Without a lock, by which an answer that is given again would look like a change.
    const before = await this.find(tx, request);
    if (before !== null) return before;
    if (!(await this.isFirst(tx, request))) {
      this.onAnsweredAgain(tx);
      return await this.kept(tx, request);
    }
    const answer = await work();
    await tx.execute(
      `UPDATE http.idempotency_keys SET status = $4, body = $5 WHERE tenant_id = $1 AND scope = $2 AND key = $3`,
      [tx.tenantId, scope, key, answer.status, JSON.stringify(answer.body ?? null)],
    );
    await this.forgetOld(tx);
    return answer;
  }

  /**
   * The answer that a request got before, for one that looks around first: what it would find has changed since, so it
   * could not be judged anew. Null when there is none yet. Throws a 409 where the key came with another body.
   */
  async find(tx: TenantTx, request: IdempotentRequest): Promise<Answer | null> {
    if (request.key === null) return null;
    const row = await this.row(tx, request);
    return row === null ? null : answerOf(row, request);
  }

  /**
   * What `look` finds, or the answer that the request got before: also when `look` is refused because another request
   * with the key committed while it looked.
   */
  async findOr<Found>(
    tx: TenantTx,
    request: IdempotentRequest,
    look: () => Promise<Found>,
  ): Promise<{ readonly answer: Answer } | { readonly answer: null; readonly found: Found }> {
    const before = await this.find(tx, request);
    if (before !== null) return { answer: before };
    try {
      return { answer: null, found: await look() };
    } catch (refusal) {
      const meanwhile = refusal instanceof HttpProblem ? await this.find(tx, request) : null;
      if (meanwhile === null) throw refusal;
      return { answer: meanwhile };
    }
  }

  /** Whether nobody has used the key yet; it is taken by this. Waits for somebody who is using it, up to the limit. */
  private async isFirst(tx: TenantTx, { key, scope, bodyHash }: IdempotentRequest): Promise<boolean> {
    await tx.execute(`SELECT set_config('lock_timeout', $1, true)`, [`${String(this.firstAwaitedMs)}ms`]);
    const taken = await tx
      .execute(
        `INSERT INTO http.idempotency_keys AS kept (tenant_id, scope, key, body_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, scope, key) DO UPDATE SET body_hash = excluded.body_hash, created_at = excluded.created_at
         WHERE kept.created_at < now() - interval '${KEEP_FOR}'`,
        [tx.tenantId, scope, key, bodyHash],
      )
      .catch((error: unknown) => {
        if (fieldOf(error, 'code') !== LOCK_NOT_AVAILABLE) throw error;
        const why = 'the first request with this Idempotency-Key is still running. Please try again.';
        throw new HttpProblem(409, { error: why }, RETRY_AFTER_SECONDS);
      });
    // The work may wait for its own locks as long as it ever did.
    await tx.execute('SET LOCAL lock_timeout TO DEFAULT');
    return taken === 1;
  }

  private async kept(tx: TenantTx, request: IdempotentRequest): Promise<Answer> {
    return answerOf(await this.row(tx, request), request);
  }

  private async row(tx: TenantTx, { key, scope }: IdempotentRequest): Promise<KeptRow | null> {
    return await tx.queryOne<KeptRow>(
      `SELECT body_hash, status, body FROM http.idempotency_keys
        WHERE tenant_id = $1 AND scope = $2 AND key = $3 AND created_at >= now() - interval '${KEEP_FOR}'`,
      [tx.tenantId, scope, key],
    );
  }

  private async forgetOld(tx: TenantTx): Promise<void> {
    await tx.execute(
      `DELETE FROM http.idempotency_keys WHERE tenant_id = $1 AND (scope, key) IN (
         SELECT scope, key FROM http.idempotency_keys
          WHERE tenant_id = $1 AND created_at < now() - interval '${KEEP_FOR}' LIMIT ${String(FORGET_ROWS_MAX)}
          FOR UPDATE SKIP LOCKED)`,
      [tx.tenantId],
    );
  }
}

function answerOf(row: KeptRow | null, { bodyHash }: IdempotentRequest): Answer {
  if (row === null || Buffer.compare(row.body_hash, bodyHash) !== 0) {
    throw new HttpProblem(409, { error: 'this Idempotency-Key was used for another request' });
  }
  return { status: row.status, body: JSON.parse(row.body) };
}
