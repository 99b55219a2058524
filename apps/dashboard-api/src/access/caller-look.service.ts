import type { RateLimitOrder, RateLimitTake } from '@libs/http';
import {
  type ApiKeyText,
  CallersRepository,
  type KeyCandidate,
  readApiKey,
  type SessionCaller,
  StaffTokens,
  type StaffTokenSubject,
} from '@libs/identity';
import { TenantDirectory } from '@libs/tenants';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { credentialOf, hintsOf } from './request-credentials';

/** A body may take minutes to arrive. What was seen before it is believed no longer than this, and asked again. */
const FRESH_MS = 1_000;

interface Seen {
  readonly at: number;
  /** Of the token, where there was one. */
  readonly subject: StaffTokenSubject | null;
  readonly session: SessionCaller | null;
  readonly keys: readonly KeyCandidate[];
}

/** Asks the database who calls: once per request, before its body is read, in one statement with the rate limit. */
@Injectable()
export class CallerLook {
  private readonly seen = new WeakMap<object, Seen>();

  constructor(
    private readonly tokens: StaffTokens,
    private readonly callers: CallersRepository,
    private readonly directory: TenantDirectory,
  ) {}

  /** For the rate limit: null for a request whose credential cannot be one of ours. */
  async takenAlong(request: Request, order: RateLimitOrder): Promise<RateLimitTake | null> {
    const credential = credentialOf(request);
    const names = this.directory.namesIn(hintsOf(request));
    if (credential.kind === 'api_key') {
      const key = readApiKey(credential.text);
      if (key === null) return null;
      const named = { names, withOnly: this.directory.singleTenantMode };
      const { taken, found } = await this.callers.countedOfApiKey(key, named, order);
      this.seen.set(request, { at: performance.now(), subject: null, session: null, keys: found });
      return taken;
    }
    const subject = credential.kind === 'token' ? await this.tokens.read(credential.text) : null;
    if (subject === null) return null;
    const { taken, found } = await this.callers.countedOfSession(subject, names, order);
    this.seen.set(request, { at: performance.now(), subject, session: found, keys: [] });
    return taken;
  }

  /** Whether the request came with the token or the key of somebody. */
  isOfSomebody(request: object): boolean {
    const seen = this.seen.get(request);
    return seen !== undefined && (seen.session !== null || seen.keys.some(({ caller }) => caller !== null));
  }

  /** Whom the token of the request names; null where it is none of ours or was no longer good when the request came. */
  async subject(request: Request, token: string): Promise<StaffTokenSubject | null> {
    // A body of minutes is not lost to the end of a token that was good at its start: what was taken away, the session tells.
    return this.seen.get(request)?.subject ?? (await this.tokens.read(token));
  }

  async session(request: Request, subject: StaffTokenSubject): Promise<SessionCaller | null> {
    const seen = this.freshOf(request);
    if (seen !== null) return seen.session;
    return await this.callers.ofSession(subject, this.directory.namesIn(hintsOf(request)));
  }

  async keys(request: Request, key: ApiKeyText): Promise<readonly KeyCandidate[]> {
    const seen = this.freshOf(request);
    if (seen !== null) return seen.keys;
    const names = this.directory.namesIn(hintsOf(request));
    return await this.callers.ofApiKey(key, { names, withOnly: this.directory.singleTenantMode });
  }

  /** What was seen of the request is believed no longer. */
  doubt(request: object): void {
    const seen = this.seen.get(request);
    if (seen !== undefined) this.seen.set(request, { ...seen, at: -Infinity });
  }

  private freshOf(request: object): Seen | null {
    const seen = this.seen.get(request);
    return seen !== undefined && performance.now() - seen.at < FRESH_MS ? seen : null;
  }
}
