import type { FaultAction, FaultRequest, FaultSubject } from './fault-rule';
import { randomSource } from './random-source';

const RULES_MAX = 100;

export interface FaultRule extends FaultRequest {
  readonly id: number;
  /** How often it was applied. */
  readonly hits: number;
}

interface ActiveRule {
  readonly id: number;
  readonly request: FaultRequest;
  readonly random: () => number;
  hits: number;
}

/** The faults that are in force. The first rule that fits a request and is drawn decides about it. */
export class FaultBook {
  private rules: ActiveRule[] = [];
  private nextId = 1;

  /** The new rule's id, or null when there are too many. */
  add(request: FaultRequest): number | null {
    if (this.rules.length >= RULES_MAX) return null;
    const id = this.nextId;
    this.nextId += 1;
    this.rules.push({ id, request, random: randomSource(request.seed), hits: 0 });
    return id;
  }

  list(): FaultRule[] {
    return this.rules.map(({ hits, id, request }) => ({ ...request, id, hits }));
  }

  remove(id: number): boolean {
    const before = this.rules.length;
    this.rules = this.rules.filter((rule) => rule.id !== id);
    return this.rules.length < before;
  }

  clear(): void {
    this.rules = [];
  }

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  draw(subject: FaultSubject): FaultAction | null {
    for (const rule of this.rules) {
      if (!fits(rule, subject) || rule.random() >= rule.request.probability) continue;
      rule.hits += 1;
      return rule.request.action;
    }
    return null;
  }
}

function fits({ hits, request }: ActiveRule, subject: FaultSubject): boolean {
  return (
    request.method === subject.method &&
    subject.path.startsWith(request.path) &&
    (request.count === undefined || hits < request.count) &&
    (request.node === undefined || request.node === subject.node) &&
    (request.account === undefined || subject.accounts.has(request.account))
  );
}
