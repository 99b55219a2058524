import { err, ok, type Result } from '@libs/kernel';
import { isAccountAddress } from '@libs/ledger';
import { lookup as resolve } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { parse } from 'smol-toml';

import { type ClientDomainAddress, isPublicAddress, parseClientDomain } from './client-domain.policy';

export type ClientDomainError =
  'not_a_domain' | 'private_address' | 'not_reachable' | 'no_signing_key' | 'too_many_at_once';

export interface ClientDomainsOptions {
  /** For development: private addresses and plain http. Refused on the public network. */
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
}

type Answer = Result<string, ClientDomainError>;

interface Cached {
  readonly until: number;
  readonly answer: Promise<Answer>;
}

const TIMEOUT_MS = 5_000;
const BODY_BYTES_MAX = 100_000;
const FOUND_FOR_MS = 60_000;
const NOT_FOUND_FOR_MS = 2_000;
const CACHED_MAX = 500;
const AT_ONCE_MAX = 50;

/**
 * Fetches the SIGNING_KEY of wallets' stellar.toml. The host is chosen by a stranger, so: only addresses of the public
 * internet, connected to as they were checked, no redirects, little time, few bytes, not many at once.
 */
export class ClientDomains {
  private readonly cache = new Map<string, Cached>();
  private atOnce = 0;

  constructor(private readonly options: ClientDomainsOptions) {}

  /** The signing key of a domain that was just checked costs nothing. */
  async signingKeyOf(domain: string): Promise<Answer> {
    const address = parseClientDomain(domain);
    if (address === null) return err('not_a_domain');
    const known = this.cache.get(domain);
    if (known !== undefined && known.until > performance.now()) return await known.answer;
    if (this.atOnce >= AT_ONCE_MAX) return err('too_many_at_once');
    const answer = this.fetch(address);
    this.remember(domain, { until: Number.POSITIVE_INFINITY, answer });
    const { ok: found } = await answer;
    this.remember(domain, { until: performance.now() + (found ? FOUND_FOR_MS : NOT_FOUND_FOR_MS), answer });
    return await answer;
  }

  private remember(domain: string, cached: Cached): void {
    if (this.cache.size >= CACHED_MAX) this.cache.delete(this.cache.keys().next().value ?? '');
    this.cache.set(domain, cached);
  }

  private async fetch(address: ClientDomainAddress): Promise<Answer> {
    this.atOnce += 1;
    const signal = AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS);
    try {
      const target = await withinTime(addressOf(address.host), signal);
      const isPublic = isPublicAddress(target);
      if (!isPublic && !this.options.allowPrivate) return err('private_address');
      return signingKeyIn(await get(address, { target, secure: isPublic, signal }));
    } catch {
      // DNS, TLS, HTTP, silence: the wallet's domain does not answer, and that is all there is to say.
      return err('not_reachable');
    } finally {
      this.atOnce -= 1;
    }
  }
}

/** One address of the host. Every one of them must be public: otherwise the name could be ours half of the time. */
async function addressOf(host: string): Promise<string> {
  const found = await resolve(host, { all: true });
  const hidden = found.find(({ address }) => !isPublicAddress(address));
  const chosen = hidden ?? found[0];
  if (chosen === undefined) throw new Error('the host has no address');
  return chosen.address;
}

async function withinTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolvePromise, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('too slow'));
    });
    work.then(resolvePromise, reject);
  });
}

interface Fetch {
  readonly target: string;
  readonly secure: boolean;
  readonly signal: AbortSignal;
}

/** The name may resolve to another address a moment later, so the connection goes to the one that was checked. */
async function get({ host, port }: ClientDomainAddress, { target, secure, signal }: Fetch): Promise<string> {
  const family = target.includes(':') ? 6 : 4;
  const pinned: LookupFunction = (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address: target, family }]);
    else callback(null, target, family);
  };
  return await new Promise<string>((resolveBody, reject) => {
    const request = (secure ? https : http).get(
      {
        host,
        ...(port === null ? {} : { port }),
        path: '/.well-known/stellar.toml',
        lookup: pinned,
        signal,
        agent: false,
        headers: { accept: 'text/plain', 'user-agent': 'distributary' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        // A redirect could lead anywhere, so it counts as no answer.
        if (response.statusCode !== 200) request.destroy(new Error('not 200'));
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BODY_BYTES_MAX) request.destroy(new Error('too large'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          resolveBody(Buffer.concat(chunks).toString('utf8'));
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
  });
}

function signingKeyIn(toml: string): Answer {
  try {
    const key = parse(toml)['SIGNING_KEY'];
    return typeof key === 'string' && isAccountAddress(key) ? ok(key) : err('no_signing_key');
  } catch {
    // A file that is no TOML names no key.
    return err('no_signing_key');
  }
}
