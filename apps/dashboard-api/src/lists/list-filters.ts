import type { SqlValue } from '@libs/persistence';

/** The conditions of a list, with their values: only the filters that were asked for, so that each can use its index. */
export class ListFilters {
  private readonly given: SqlValue[];
  private readonly all: string[];

  /** `always`: what holds for every row of the list; `$1` is the tenant. */
  constructor(tenantId: string, always: readonly string[]) {
    this.given = [tenantId];
    this.all = [...always];
  }

  /** Returns where the value stands, and null when it is null and nothing was asked for. */
  add(value: SqlValue, condition: (place: string) => string): string | null {
    if (value === null) return null;
    const place = `$${String(this.given.push(value))}`;
    this.all.push(condition(place));
    return place;
  }

  /** As they are now: a total is counted again when its request has long added more. */
  get values(): readonly SqlValue[] {
    return [...this.given];
  }

  get conditions(): readonly string[] {
    return [...this.all];
  }

  get where(): string {
    return `WHERE ${this.all.join(' AND ')}`;
  }
}
