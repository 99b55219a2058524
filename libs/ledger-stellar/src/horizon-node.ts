import { LedgerUnreachableError } from '@libs/ledger';
import type { z } from 'zod';

import { HttpSilenceError, type HttpTransport } from './http-client';

/** One Horizon server. */
export interface HorizonAnswer<T> {
  readonly value: T;
  /** From the answer's own Latest-Ledger header; null where the node does not say. */
  readonly latestLedger: number | null;
}

const READ_TIMEOUT_MS = 10_000;

/** In milliseconds: how long a call may wait for its turn, and then for its answer. */
export interface CallLimits {
  readonly patienceMs?: number;
  readonly timeoutMs?: number;
}

const NOT_THERE = [404, 410];

/** Those that need not be left alone now; all of them when that is nobody. */
export function restedOf(nodes: readonly HorizonNode[]): readonly HorizonNode[] {
  const rested = nodes.filter(({ restMs }) => restMs === 0);
  return rested.length === 0 ? nodes : rested;
}

export class HorizonNode {
  constructor(
    readonly url: string,
    private readonly http: HttpTransport,
  ) {}

  /** For how many milliseconds it is better left alone. */
  get restMs(): number {
    return this.http.restMs?.(this.url) ?? 0;
  }

  /** Null for 404 and 410. Anything else but a readable 200 is a `LedgerUnreachableError`. */
  async get<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    limits: CallLimits = {},
  ): Promise<HorizonAnswer<z.output<Shape>> | null> {
    const { status, body, header } = await this.ask(path, limits);
    if (NOT_THERE.includes(status)) return null;
    if (status !== 200) throw new LedgerUnreachableError(`${this.url} answered ${String(status)} to ${path}`);
    const parsed = shape.safeParse(readJson(body));
    if (!parsed.success) {
      const where = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new LedgerUnreachableError(
        `${this.url} answered something else than expected to ${path} (${where})`,
      );
    }
    const latest = header('latest-ledger');
    return {
      value: parsed.data,
      latestLedger: latest !== undefined && /^[0-9]{1,10}$/.test(latest) ? Number(latest) : null,
    };
  }

  private async ask(
    path: string,
    { patienceMs = READ_TIMEOUT_MS, timeoutMs = READ_TIMEOUT_MS }: CallLimits,
  ): ReturnType<HttpTransport['send']> {
    try {
      return await this.http.send({ url: `${this.url}${path}`, timeoutMs, patienceMs });
    } catch (cause) {
      if (!(cause instanceof HttpSilenceError)) throw cause;
      throw new LedgerUnreachableError(`${this.url} does not answer: ${cause.message}`, { cause });
    }
  }
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
