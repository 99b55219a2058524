import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** What every log line of a piece of work carries. Fields for logs only: no code decides by them. */
export interface LogContext {
  readonly tenantId?: string;
  /** W3C traceparent. */
  readonly trace?: string;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const SAMPLED = '01';

const storage = new AsyncLocalStorage<{ tenantId?: string; trace?: string }>();

/** One call for hundreds of ids: each request needs two, and a call costs as much as all of its bytes. */
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);

function hex(bytes: number): string {
  if (pool.length < bytes) pool = randomBytes(POOL_BYTES);
  const text = pool.toString('hex', 0, bytes);
  pool = pool.subarray(bytes);
  return text;
}

/** A W3C traceparent that starts a trace of its own. */
export const newTrace = (): string => `00-${hex(16)}-${hex(8)}-${SAMPLED}`;

/** A new span of the same trace; a trace of its own when the text is no valid traceparent. */
export function childTrace(traceparent: string): string {
  const traceId = traceIdOf(traceparent);
  if (traceId === undefined) return newTrace();
  return `00-${traceId}-${hex(8)}-${traceparent.slice(-2)}`;
}

/** The 32 hex digits that all spans of one trace share; undefined when the text is no valid traceparent. */
export function traceIdOf(traceparent: string): string | undefined {
  const [, traceId, spanId] = TRACEPARENT.exec(traceparent) ?? [];
  return traceId === NO_TRACE || spanId === NO_SPAN ? undefined : traceId;
}

/** Runs `work` so that each line that it logs, also after an await, names the tenant and the trace. */
export const withTrace = <T>(context: LogContext, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...context }, work);

/** The same for a tenant that is found out on the way: from now on, in all of the innermost `withTrace`. */
export function traceTenant(tenantId: string): void {
  const context = storage.getStore();
  if (context !== undefined) context.tenantId = tenantId;
}

/** The traceparent of the work at hand, or empty. */
export const currentTrace = (): string => storage.getStore()?.trace ?? '';

export function currentLogFields(): Record<string, string> {
  const { tenantId, trace } = storage.getStore() ?? {};
  const traceId = trace === undefined ? undefined : traceIdOf(trace);
  return {
    ...(tenantId === undefined ? {} : { tenant_id: tenantId }),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  };
}
