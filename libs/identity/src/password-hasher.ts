import os from 'node:os';

import { hash, verify } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. About 25 ms of one core. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes 19 MiB and a thread of the pool that files and DNS share. One core stays with everybody else's requests. */
const AT_ONCE_MAX = Math.min(2, Math.max(1, os.availableParallelism() - 1));
const WAITING_MAX = 500;

/** A hash of no password, so that an unknown person costs the same time as a known one. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$XR7ByHmcQdzRzfPyZ5Yv3Qb0K3nOAJ7e4w6sXcJcl1A';

/** Hashes and checks staff passwords with argon2id, a few at a time. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** `overload` makes what is thrown instead of looking at a password that would have to wait for too long. */
  constructor(
    private readonly overload: () => Error = () => new Error('too many passwords are waiting to be checked'),
  ) {}

  async hash(password: string): Promise<string> {
    return await this.inTurn(() => hash(password, ARGON2ID));
  }

  /** False for a wrong password and for a person without one, in the same time. */
  async matches(passwordHash: string | null, password: string): Promise<boolean> {
    const matched = await this.inTurn(() => verify(passwordHash ?? NOBODY, password).catch(() => false));
    return matched && passwordHash !== null;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE_MAX) {
      if (this.waiting.length >= WAITING_MAX) throw this.overload();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.running += 1;
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }
}
