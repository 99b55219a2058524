import { HttpProblem } from '@libs/http';
import type { Request } from 'express';

const LENGTH_MAX = 255;

/** The header by which a browser is known again; null when it is missing or unusable. */
export function deviceIdOf(request: Request): string | null {
  const header = request.headers['device-id'];
  const text = typeof header === 'string' ? header.trim() : '';
  return text === '' || text.length > LENGTH_MAX ? null : text;
}

/** Throws a 400 that names every field that is missing, the header among them. */
export function assertNothingIsMissing(
  extras: Readonly<Record<string, string>>,
  deviceIsMissing: boolean,
): void {
  const all = { ...extras, ...(deviceIsMissing ? { 'Device-ID': 'Device-ID header is required' } : {}) };
  if (Object.keys(all).length > 0) throw new HttpProblem(400, { extras: all });
}
