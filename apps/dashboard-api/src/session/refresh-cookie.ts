import { type OpenedSession, SESSION_MAX_SECONDS } from '@libs/identity';
import type { CookieOptions, Request, Response } from 'express';

const NAME = 'distributary_refresh';

/** Read by nobody but us, sent to nobody but us; over plain HTTP only where the request came so (a laptop). */
const optionsFor = (request: Request): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  secure: request.secure,
  path: '/',
});

/**
 * What a person gets who has signed in: `{token}`. The refresh token goes into a cookie; a client that keeps no
 * cookies asks with `refresh_in_body: true` and finds it as `refresh_token`.
 */
export function sessionAnswer(
  request: Request,
  response: Response,
  opened: Pick<OpenedSession, 'token' | 'refreshToken'>,
  inBody: boolean,
): object {
  if (inBody) return { token: opened.token, refresh_token: opened.refreshToken };
  response.cookie(NAME, opened.refreshToken, {
    ...optionsFor(request),
    maxAge: SESSION_MAX_SECONDS * 1000,
  });
  return { token: opened.token };
}

export function forgetRefreshCookie(request: Request, response: Response): void {
  response.clearCookie(NAME, optionsFor(request));
}

/** The refresh token of a request, from its body or else from its cookie. */
export function refreshTokenOf(request: Request): { readonly text: string; readonly inBody: boolean } | null {
  const body: unknown = request.body;
  const given: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'refresh_token') : undefined;
  if (typeof given === 'string' && given !== '') return { text: given, inBody: true };
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === NAME && value !== undefined && value !== '') return { text: value, inBody: false };
  }
  return null;
}
