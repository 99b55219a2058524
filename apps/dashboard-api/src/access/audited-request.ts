import { traceOf } from '@libs/http';
import type { AuditActor, AuditedRequest } from '@libs/identity';
import { traceIdOf } from '@libs/observability';
import type { Request } from 'express';

/** `disbursements` of `/disbursements/:id/status`. */
const subjectTypeOf = (path: string): string => path.split('/')[1] ?? '';

/** What the audit log keeps of a request, whatever it will change. */
export function auditedRequestOf(
  request: Request,
  route: { readonly method: string; readonly path: string },
  actor: AuditActor,
): AuditedRequest {
  const body: unknown = request.body;
  const [subjectId] = Object.values(request.params).filter((value) => typeof value === 'string');
  return {
    actor,
    address: request.ip ?? '',
    requestId: traceIdOf(traceOf(request)) ?? '',
    action: `${route.method} ${route.path}`,
    subjectType: subjectTypeOf(route.path),
    subjectId: (subjectId ?? '').slice(0, 100).replaceAll('\0', ''),
    // Uploads are streamed past this; they tell themselves what they brought.
    after: askedFor(body),
  };
}

/** The body of a request under its names; null where it says nothing. */
function askedFor(body: unknown): object | null {
  if (typeof body !== 'object' || body === null || Object.keys(body).length === 0) return null;
  return Array.isArray(body) ? { body } : body;
}
