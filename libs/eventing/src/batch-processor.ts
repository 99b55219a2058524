import type { EventEnvelope } from '@libs/contracts';
import { childTrace, withTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';

import type { EventRecord } from './event-record';
import { OutageError } from './eventing.errors';
import type { Processed } from './eventing-metrics';
import { type Entry, enterInboxTogether, leaveInbox } from './inbox.repository';
import type { KnownTenants } from './known-tenants.repository';
import { isOutage } from './outage';
import { parseEvent } from './parse-event';
import { insertWaiting } from './retry.repository';
import type { EventProcessorOptions, Subscription } from './subscription';

/** Where a transport is with what it fetched of one partition. */
export interface Course<R extends EventRecord> {
  /** False when this replica must leave the rest to others. */
  readonly goOn: () => boolean;
  /** This record and all before it are handled or put aside, and need not be delivered again. */
  readonly passed: (record: R) => void;
  /** An event was put aside for a retry. */
  readonly putAside: () => void;
}

/** An event of a batch that can share a database transaction; `place` is where it stands in the batch. */
interface Member {
  readonly place: number;
  readonly record: EventRecord;
  readonly event: EventEnvelope;
}

/** What is known about a batch while it is handled. */
interface Batch {
  readonly records: readonly EventRecord[];
  readonly subscription: Subscription;
  /** What the bytes hold, once somebody looked; null when nobody can read them. */
  readonly events: Map<number, EventEnvelope | null>;
  readonly settled: Set<number>;
  /** Places of events that must not share a database transaction: with them one failed. */
  readonly alone: Set<number>;
  /** How many come together: fewer after a failure of `handleAll`, more after each success. */
  membersMax: number;
}

interface Turn {
  readonly member: Member;
  readonly entry: Entry;
}

/** By place; whose turn did not come is not among them. */
type Results = ReadonlyMap<number, Processed>;

class MemberFailed extends Error {
  constructor(
    readonly member: Member,
    cause: unknown,
  ) {
    super('an event of several failed', { cause });
  }
}

/** `handleAll` failed: whose fault it is shows when there are fewer of them. */
class SetFailed extends Error {}

const MEMBERS_MAX = 50;
/** After so many handled events a failure need not undo those. */
const HANDLED_PER_SAVEPOINT = 10;
/** How far ahead events of the same tenant are looked for. */
const LOOK_AHEAD = 400;
/** No handler begins later than this in a shared database transaction, so that nobody waits long for what it locks. */
const BEGIN_WITHIN_MS = 100;

/**
 * Handles what a transport fetched of one partition: several events of a tenant in one database transaction where their
 * handler allows it, in their order. When one fails, it is rolled back with what came since the last savepoint; then it is
 * handled alone, as if it had come alone, and only that counts. Throws only an `OutageError`, after which whatever was not
 * passed is to be delivered again, one at a time.
 */
export class BatchProcessor {
  constructor(
    private readonly options: EventProcessorOptions,
    private readonly tenants: KnownTenants,
    /** Handles an event that comes alone. */
    private readonly processOne: (record: EventRecord) => Promise<Processed>,
  ) {}

  /** The records are of one topic, in their order. */
  async process<R extends EventRecord>(
    records: readonly R[],
    subscription: Subscription,
    course: Course<R>,
  ): Promise<void> {
    const batch: Batch = {
      records,
      subscription,
      events: new Map(),
      settled: new Set(),
      alone: new Set(),
      membersMax: MEMBERS_MAX,
    };
    for (let next = 0; next < records.length && course.goOn();) {
      for (const [place, result] of await this.handleFrom(next, batch)) {
        batch.settled.add(place);
        batch.membersMax = Math.min(MEMBERS_MAX, batch.membersMax + 1);
        if (result === 'failed' || result === 'waiting') course.putAside();
      }
      const before = next;
      while (batch.settled.has(next)) next += 1;
      const last = records[next - 1];
      if (next > before && last !== undefined) course.passed(last);
    }
  }

  /** What came of the event at `place`, and of those that shared its database transaction; of none when one of them failed. */
  private async handleFrom(place: number, batch: Batch): Promise<Results> {
    const members = await this.membersFrom(place, batch);
    if (members.length > 1) return await this.attempt(members, batch);
    const [record] = batch.records.slice(place, place + 1);
    return record === undefined ? new Map() : new Map([[place, await this.processOne(record)]]);
  }

  private async membersFrom(from: number, batch: Batch): Promise<readonly Member[]> {
    const { records, subscription, alone, settled, membersMax } = batch;
    if (!subscription.together || membersMax <= 1 || alone.has(from)) return [];
    const members: Member[] = [];
    /** Keys of which an event was left out: later ones of theirs must not pass it. */
    const heldBack = new Set<string>();
    const end = Math.min(records.length, from + LOOK_AHEAD);
    for (let place = from; place < end && members.length < membersMax; place += 1) {
      const record = records[place];
      if (record === undefined || settled.has(place)) continue;
      const event = eventAt(place, record, batch);
      const tenantId = members[0]?.event.tenant_id ?? event?.tenant_id;
      if (event?.tenant_id !== tenantId || event === null || heldBack.has(event.key)) {
        if (members.length === 0) return [];
        heldBack.add(record.key);
      } else if (alone.has(place)) break;
      else members.push({ place, record, event });
    }
    const [first] = members;
    return first !== undefined && (await this.isKnown(first.event.tenant_id)) ? members : [];
  }

  private async isKnown(tenantId: string): Promise<boolean> {
    try {
      return await this.tenants.has(tenantId);
    } catch (error) {
      throw new OutageError('an event cannot be handled now', { cause: error });
    }
  }

  private async attempt(members: readonly Member[], batch: Batch): Promise<Results> {
    const { subscription, alone } = batch;
    const { unit, logger, metrics } = this.options;
    const topic = subscription.contract.topic;
    const context = {
      tenantId: members[0]?.event.tenant_id ?? '',
      actor: `system:${subscription.name}`,
      trace: '',
    };
    const startedAt = performance.now();
    try {
      const results = await unit.run(context, (tx) => this.inside(tx, members, batch));
      const seconds = (performance.now() - startedAt) / 1000 / Math.max(1, results.size);
      for (const { place, event } of members) {
        const result = results.get(place);
        if (result === undefined) continue;
        metrics.handled.add({ topic, result });
        if (result !== 'done') continue;
        metrics.duration.observe({ topic }, seconds);
        metrics.lag.observe({ topic }, Math.max(0, Date.now() - Date.parse(event.occurred_at)) / 1000);
      }
      return results;
    } catch (error) {
      const cause = error instanceof MemberFailed || error instanceof SetFailed ? error.cause : error;
      if (isOutage(cause)) throw new OutageError('events cannot be handled now', { cause });
      if (error instanceof SetFailed) {
        batch.membersMax = Math.floor(members.length / 2);
        return new Map();
      }
      // Of a failed COMMIT nobody knows whose fault it is.
      const suspects = error instanceof MemberFailed ? [error.member] : members;
      for (const { place } of suspects) alone.add(place);
      const eventIds = suspects.map(({ event }) => event.id);
      logger.debug({ error: cause, topic, eventIds }, 'events are handled alone: with them, one failed');
      return new Map();
    }
  }

  private async inside(tx: TenantTx, members: readonly Member[], batch: Batch): Promise<Results> {
    const { group } = this.options;
    const { subscription } = batch;
    const events = members.map(({ event }) => event);
    const marks = await enterInboxTogether(tx, group, events, subscription.contract);
    const turns = turnsOf(members, marks, subscription);
    const results =
      subscription.handleAll === undefined
        ? await this.handleTurns(tx, turns, batch)
        : await this.handleSet(tx, turns, subscription.handleAll);
    await this.takeBackMarks(tx, turns, { marks, results });
    const waiting = members.filter(({ place }) => results.get(place) === 'waiting');
    if (waiting.length > 0) {
      const ordered = subscription.contract.order === 'key';
      await insertWaiting(tx, { consumer: group, ordered, tries: 0, errors: [], delayMs: 0 }, waiting);
    }
    return results;
  }

  private async handleSet(
    tx: TenantTx,
    turns: readonly Turn[],
    handleAll: NonNullable<Subscription['handleAll']>,
  ): Promise<Results> {
    const events = turns.flatMap(({ member, entry }) => (entry === 'fresh' ? [member.event] : []));
    try {
      if (events.length > 0) await withTrace({ tenantId: tx.tenantId }, () => handleAll(tx, events));
    } catch (error) {
      throw new SetFailed('some of these events failed', { cause: error });
    }
    return new Map(turns.map(({ member, entry }) => [member.place, entry === 'fresh' ? 'done' : entry]));
  }

  /** Up to the end, or until the time is over; where one fails, up to the last savepoint before it. */
  private async handleTurns(
    tx: TenantTx,
    turns: readonly Turn[],
    { subscription, alone }: Batch,
  ): Promise<Results> {
    const beginUntil = performance.now() + BEGIN_WITHIN_MS;
    const results = new Map<number, Processed>();
    let saved: Results = new Map();
    for (const { member, entry } of turns) {
      if (results.size > 0 && performance.now() > beginUntil) break;
      if (results.size - saved.size >= HANDLED_PER_SAVEPOINT) {
        await tx.execute(
          saved.size === 0 ? 'SAVEPOINT handled' : 'RELEASE SAVEPOINT handled; SAVEPOINT handled',
        );
        saved = new Map(results);
      }
      try {
        if (entry === 'fresh') await this.handle(tx, member, subscription);
      } catch (error) {
        if (saved.size === 0 || isOutage(error instanceof MemberFailed ? error.cause : error)) throw error;
        await tx.execute('ROLLBACK TO SAVEPOINT handled');
        alone.add(member.place);
        return saved;
      }
      results.set(member.place, entry === 'fresh' ? 'done' : entry);
    }
    return results;
  }

  private async handle(tx: TenantTx, member: Member, { handle }: Subscription): Promise<void> {
    const { event } = member;
    const trace = event.trace === '' ? '' : childTrace(event.trace);
    try {
      const outcome = await withTrace({ tenantId: event.tenant_id, trace: event.trace }, () =>
        handle(tx.causedBy(trace), event),
      );
      if (outcome.kind === 'park') throw new Error(`parked: ${outcome.reason}`);
    } catch (error) {
      throw new MemberFailed(member, error);
    }
  }

  /** Of those whose turn did not come, or who must wait for their turn. */
  private async takeBackMarks(
    tx: TenantTx,
    turns: readonly Turn[],
    { marks, results }: { readonly marks: ReadonlyMap<string, Entry>; readonly results: Results },
  ): Promise<void> {
    const handled = new Set<string>();
    for (const { member } of turns) if (results.get(member.place) === 'done') handled.add(member.event.id);
    const left = [...marks].flatMap(([id, entry]) => (entry === 'fresh' && !handled.has(id) ? [id] : []));
    if (left.length > 0) await leaveInbox(tx, this.options.group, left);
  }
}

function eventAt(place: number, record: EventRecord, { events, subscription }: Batch): EventEnvelope | null {
  const known = events.get(place);
  if (known !== undefined) return known;
  const parsed = parseEvent(record, subscription.contract);
  const event = parsed.ok ? parsed.value : null;
  events.set(place, event);
  return event;
}

/** What is to become of each: a mark is for the first delivery of its event, and nothing passes what waits before it. */
function turnsOf(
  members: readonly Member[],
  marks: ReadonlyMap<string, Entry>,
  { contract }: Subscription,
): readonly Turn[] {
  const seen = new Set<string>();
  const waitingKeys = new Set<string>();
  return members.map((member) => {
    const { id, key } = member.event;
    let entry = marks.get(id) ?? 'duplicate';
    if (entry === 'fresh' && seen.has(id)) entry = 'duplicate';
    else if (entry === 'fresh' && waitingKeys.has(key)) entry = 'waiting';
    if (entry === 'waiting' && contract.order === 'key') waitingKeys.add(key);
    seen.add(id);
    return { member, entry };
  });
}
