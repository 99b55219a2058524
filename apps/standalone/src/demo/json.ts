import type { HttpAnswer } from './http-client';

/** An answer that the demo cannot go on with. It holds no key and no personal data: method, address, status, reason. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';

  constructor(
    what: string,
    readonly status: number,
    readonly errorCode: string | undefined,
    detail: string,
  ) {
    super(`${what}: ${String(status)} ${detail}`.trim());
  }
}

export type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The body of a 2xx answer; throws on any other. `what` says in an error what was tried. */
export function objectIn(answer: HttpAnswer, what: string): Json {
  const body = parsed(answer.text);
  if (answer.status >= 300 || !isObject(body)) throw unexpected(answer, what, body);
  return body;
}

export function listIn(answer: HttpAnswer, what: string): Json[] {
  const body = parsed(answer.text);
  if (answer.status >= 300 || !Array.isArray(body)) throw unexpected(answer, what, body);
  return body.filter(isObject);
}

function unexpected(answer: HttpAnswer, what: string, body: unknown): UnexpectedAnswerError {
  const { error, error_code: code, extras } = isObject(body) ? body : {};
  const detail =
    typeof error === 'string' ? `${error} ${extras === undefined ? '' : JSON.stringify(extras)}` : '';
  return new UnexpectedAnswerError(what, answer.status, typeof code === 'string' ? code : undefined, detail);
}

/** The text of a field; throws when it is missing, since then the other side is not what we take it for. */
export function textOf(object: Json, field: string): string {
  const value = object[field];
  if (typeof value !== 'string') throw new Error(`the answer has no text "${field}"`);
  return value;
}

export function listOf(object: Json, field: string): Json[] {
  const value = object[field];
  if (!Array.isArray(value)) throw new Error(`the answer has no list "${field}"`);
  return value.filter(isObject);
}

export function objectOf(object: Json, field: string): Json {
  const value = object[field];
  if (!isObject(value)) throw new Error(`the answer has no object "${field}"`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
