import type { TenantTx, UnitOfWork } from '@libs/persistence';

/** A total of so many rows is exact at each request. */
export const EXACT_MAX = 10_000;
/** Above that it may be this old. */
const KEEP_MS = 5_000;
/** So long before that it is found again for those who come next, while they take what is known. */
const RENEW_MS = 3_000;
const KEPT_MAX = 1_000;
/** More that fall due at once are found by the requests that need them. */
const RENEWALS_MAX = 2;

/** Finds a total in a database transaction: of the request, or of its own where nobody waits for it. */
export type Find<T> = (tx: TenantTx) => Promise<T>;

interface Kept<T> {
  readonly total: T;
  /** When the finding began. */
  readonly foundAt: number;
  isRenewed: boolean;
}

/** Totals by name and tenant: those of many rows are at most 5 s old, because to go over a million takes a while. */
export class RecentTotals<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private readonly finding = new Map<string, Promise<T>>();
  private renewals = 0;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly isOfMany: (total: T) => boolean,
  ) {}

  async of(tx: TenantTx, name: string, find: Find<T>): Promise<T> {
    return this.known(tx, name, find) ?? (await this.find(tx, name, find));
  }

  /** Null when it is not known or too old. */
  known(tx: TenantTx, name: string, find: Find<T>): T | null {
    const known = this.kept.get(keyOf(tx, name));
    if (known === undefined) return null;
    const age = performance.now() - known.foundAt;
    if (age >= KEEP_MS) return null;
    if (age >= RENEW_MS && !known.isRenewed && this.renewals < RENEWALS_MAX) {
      known.isRenewed = true;
      void this.renew(tx, name, find);
    }
    return known.total;
  }

  /** Many who ask at once wait for one. */
  async find(tx: TenantTx, name: string, find: Find<T>): Promise<T> {
    const key = keyOf(tx, name);
    const theirs = await this.finding.get(key)?.catch(() => null);
    if (theirs !== undefined && theirs !== null) return theirs;
    const own = this.found(tx, key, find);
    this.finding.set(key, own);
    try {
      return await own;
    } finally {
      this.finding.delete(key);
    }
  }

  forget(tx: TenantTx, name: string): void {
    this.kept.delete(keyOf(tx, name));
  }

  /** Nobody waits for it; where it fails, the next request after the time of the old total finds it, and tells why. */
  private async renew({ tenantId, actor, trace }: TenantTx, name: string, find: Find<T>): Promise<void> {
    this.renewals += 1;
    try {
      await this.unitOfWork.run({ tenantId, actor, trace }, (own) => this.find(own, name, find));
    } catch {
      // The old total is still good for its time.
    } finally {
      this.renewals -= 1;
    }
  }

  /** Kept where it may be some seconds old. */
  private async found(tx: TenantTx, key: string, find: Find<T>): Promise<T> {
    const foundAt = performance.now();
    const total = await find(tx);
    this.kept.delete(key);
    if (!this.isOfMany(total)) return total;
    if (this.kept.size >= KEPT_MAX) this.kept.clear();
    this.kept.set(key, { total, foundAt, isRenewed: false });
    return total;
  }
}

const keyOf = (tx: TenantTx, name: string): string => `${tx.tenantId} ${name}`;
