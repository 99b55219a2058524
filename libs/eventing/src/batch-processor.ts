import type { EventEnvelope } from '@libs/contracts';
import { childTrace, withTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';

import type { EventRecord } from './event-record';
import { OutageError } from './eventing.errors';
import type { Entry } from './inbox.repository';
import type { Entries, Intake, Member, Result, Results } from './intake';
import type { KnownTenants } from './known-tenants.repository';
import { isOutage } from './outage';
import { parseEvent } from './parse-event';
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

/** By whom and how the events of a batch are handled. */
export interface Handling<R extends EventRecord> {
  readonly subscription: Subscription;
  readonly intake: Intake<R>;
  /** Each in a database transaction of its own, whatever the handler allows. */
  readonly singly?: boolean;
}

/** What is known about a batch while it is handled. */
interface Batch<R extends EventRecord> {
  readonly records: readonly R[];
  readonly subscription: Subscription;
  readonly intake: Intake<R>;
  /** What the bytes hold, once somebody looked; null when nobody can read them. */
  readonly events: Map<number, EventEnvelope | null>;
  readonly settled: Set<number>;
  /** Places of events that must not share a database transaction: with them one failed. */
  readonly alone: Set<number>;
  /** How many come together: fewer after a failure of `handleAll`, more after each success. */
  membersMax: number;
}

interface Turn {
  readonly member: Member<EventRecord>;
  readonly entry: Entry | 'left';
}

class MemberFailed extends Error {
  constructor(
    readonly member: Member<EventRecord>,
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
 * Handles events that were fetched together: several of a tenant in one database transaction where their handler allows
 * it, in their order. When one fails, it is rolled back with what came since the last savepoint; then it is
 * handled alone, as if it had come alone, and only that counts. Throws only an `OutageError`, after which whatever was not
 * passed is to be delivered again, one at a time.
 */
export class BatchProcessor {
  constructor(
    private readonly options: EventProcessorOptions,
    private readonly tenants: KnownTenants,
  ) {}

  /** The records are of one topic, in their order. Returns how many were ours to handle. */
  async process<R extends EventRecord>(
    records: readonly R[],
    { subscription, intake, singly = false }: Handling<R>,
    course: Course<R>,
  ): Promise<number> {
    let ours = 0;
    const batch: Batch<R> = {
      records,
      subscription,
      intake,
      events: new Map(),
      settled: new Set(),
      alone: new Set(),
      membersMax: singly ? 1 : MEMBERS_MAX,
    };
    for (let next = 0; next < records.length && course.goOn();) {
      for (const [place, result] of await this.handleFrom(next, batch)) {
        batch.settled.add(place);
        if (result !== 'left') ours += 1;
        if (!singly) batch.membersMax = Math.min(MEMBERS_MAX, batch.membersMax + 1);
        if (result === 'failed' || result === 'waiting') course.putAside();
      }
      const before = next;
      while (batch.settled.has(next)) next += 1;
      const last = records[next - 1];
      if (next > before && last !== undefined) course.passed(last);
    }
    return ours;
  }

  /** What came of the event at `place`, and of those that shared its database transaction; of none when one of them failed. */
  private async handleFrom<R extends EventRecord>(place: number, batch: Batch<R>): Promise<Results> {
    const members = await this.membersFrom(place, batch);
    if (members.length > 1) return await this.attempt(members, batch);
    const [record] = batch.records.slice(place, place + 1);
    return record === undefined ? new Map() : new Map([[place, await batch.intake.one(record)]]);
  }

  private async membersFrom<R extends EventRecord>(
    from: number,
    batch: Batch<R>,
  ): Promise<readonly Member<R>[]> {
    const { records, subscription, alone, settled, membersMax } = batch;
    if (!subscription.together || membersMax <= 1 || alone.has(from)) return [];
    const members: Member<R>[] = [];
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

  private async attempt<R extends EventRecord>(
    members: readonly Member<R>[],
    batch: Batch<R>,
  ): Promise<Results> {
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
        if (result === undefined || result === 'left') continue;
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

  private async inside<R extends EventRecord>(
    tx: TenantTx,
    members: readonly Member<R>[],
    batch: Batch<R>,
  ): Promise<Results> {
    const { subscription, intake } = batch;
    const entries = await intake.enter(tx, members, subscription);
    const turns = turnsOf(members, entries, subscription);
    const results =
      subscription.handleAll === undefined
        ? await this.handleTurns(tx, turns, batch)
        : await this.handleSet(tx, turns, subscription.handleAll);
    await intake.leave(tx, members, { entries, results, subscription });
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
    return new Map(turns.map(({ member, entry }) => [member.place, resultOf(entry)]));
  }

  /** Up to the end, or until the time is over; where one fails, up to the last savepoint before it. */
  private async handleTurns(
    tx: TenantTx,
    turns: readonly Turn[],
    { subscription, alone }: Pick<Batch<EventRecord>, 'subscription' | 'alone'>,
  ): Promise<Results> {
    const beginUntil = performance.now() + BEGIN_WITHIN_MS;
    const results = new Map<number, Result>();
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
      results.set(member.place, resultOf(entry));
    }
    return results;
  }

  private async handle(tx: TenantTx, member: Member<EventRecord>, { handle }: Subscription): Promise<void> {
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
}

const resultOf = (entry: Entry | 'left'): Result => (entry === 'fresh' ? 'done' : entry);

function eventAt(
  place: number,
  record: EventRecord,
  { events, subscription }: Pick<Batch<EventRecord>, 'events' | 'subscription'>,
): EventEnvelope | null {
  const known = events.get(place);
  if (known !== undefined) return known;
  const parsed = parseEvent(record, subscription.contract);
  const event = parsed.ok ? parsed.value : null;
  events.set(place, event);
  return event;
}

/** What is to become of each: a mark is for the first delivery of its event, and nothing passes what waits before it. */
function turnsOf(
  members: readonly Member<EventRecord>[],
  entries: Entries,
  { contract }: Subscription,
): readonly Turn[] {
  const seen = new Set<string>();
  const waitingKeys = new Set<string>();
  return members.map((member) => {
    const { id, key } = member.event;
    let entry = entries.get(id) ?? 'duplicate';
    if (entry === 'fresh' && seen.has(id)) entry = 'duplicate';
    else if (entry === 'fresh' && waitingKeys.has(key)) entry = 'waiting';
    if (entry === 'waiting' && contract.order === 'key') waitingKeys.add(key);
    seen.add(id);
    return { member, entry };
  });
}
