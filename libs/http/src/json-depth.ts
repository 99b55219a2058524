import type { IncomingMessage, ServerResponse } from 'node:http';

import { HttpProblem } from './http-problem.errors';

/** Nothing that we take is nested deeper than six; what reads a body by recursion is safe at this depth. */
const DEPTH_MAX = 32;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** How deep arrays and objects are nested in JSON text of UTF-8, without parsing it; text that is no JSON has some depth too. */
export function jsonDepth(bytes: Uint8Array): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < bytes.byteLength; at += 1) {
    const byte = bytes[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (OPENING.includes(byte)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSING.includes(byte)) depth -= 1;
  }
  return deepest;
}

/** For the option `verify` of the JSON parser: refuses a body before it is parsed. */
export function refuseDeepJson(
  _request: IncomingMessage,
  _response: ServerResponse,
  bytes: Uint8Array,
  encoding: string,
): void {
  if (encoding !== 'utf-8') throw refusal(new HttpProblem(415));
  const problem = tooDeep(bytes);
  if (problem !== null) throw refusal(problem);
}

/** JSON that came in a field of a form: as deep as a body may be. Throws the 400 of what is deeper, and of what is no JSON. */
export function parseJsonField(text: string): unknown {
  const problem = tooDeep(Buffer.from(text));
  if (problem !== null) throw problem;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new HttpProblem(400);
  }
}

function tooDeep(bytes: Uint8Array): HttpProblem | null {
  if (jsonDepth(bytes) <= DEPTH_MAX) return null;
  const body = `JSON may be nested ${String(DEPTH_MAX)} levels deep at most`;
  return new HttpProblem(400, { extras: { body } });
}

/** The parser writes the text of the body over what it is thrown, so the problem goes inside. */
const refusal = (cause: HttpProblem): Error =>
  Object.assign(new Error(cause.message, { cause }), { status: cause.status });
