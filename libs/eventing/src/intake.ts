import type { EventEnvelope } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

import type { EventRecord } from './event-record';
import type { Processed } from './eventing-metrics';
import { type Entry, enterInboxTogether, leaveInbox } from './inbox.repository';
import { deleteWaiting, insertWaiting, lockWaitingTogether, type WaitingEvent } from './retry.repository';
import type { Subscription } from './subscription';

/** An event of a batch that can share a database transaction; `place` is where it stands in the batch. */
export interface Member<R extends EventRecord> {
  readonly place: number;
  readonly record: R;
  readonly event: EventEnvelope;
}

/** `left`: not ours to handle at this moment. Another replica does, or it stays where it is. */
export type Result = Processed | 'left';

/** By place; whose turn did not come is not among them. */
export type Results = ReadonlyMap<number, Result>;

/** What is to become of each event of a shared database transaction, by event id. */
export type Entries = ReadonlyMap<string, Entry | 'left'>;

/** Where the events of a batch come from, and where those go whose turn did not come. */
export interface Intake<R extends EventRecord> {
  /** Handles an event that comes alone. */
  one(record: R): Promise<Result>;
  /** Marks as handled what is to be handled now. */
  enter(tx: TenantTx, members: readonly Member<R>[], subscription: Subscription): Promise<Entries>;
  /** The end of the same database transaction: takes back the marks of what was not handled. */
  leave(
    tx: TenantTx,
    members: readonly Member<R>[],
    came: { readonly entries: Entries; readonly results: Results; readonly subscription: Subscription },
  ): Promise<void>;
}

/** What a transport has fetched of one partition. What may not pass an earlier event of its key goes to wait behind it. */
export class PartitionIntake implements Intake<EventRecord> {
  constructor(
    private readonly group: string,
    readonly one: (record: EventRecord) => Promise<Processed>,
  ) {}

  async enter(
    tx: TenantTx,
    members: readonly Member<EventRecord>[],
    { contract }: Subscription,
  ): Promise<Entries> {
    return await enterInboxTogether(tx, this.group, eventsOf(members), contract.order);
  }

  async leave(
    tx: TenantTx,
    members: readonly Member<EventRecord>[],
    { entries, results, subscription }: Parameters<Intake<EventRecord>['leave']>[2],
  ): Promise<void> {
    await takeBackMarks(tx, this.group, { members, entries, results });
    const waiting = members.filter(({ place }) => results.get(place) === 'waiting');
    if (waiting.length === 0) return;
    const ordered = subscription.contract.order === 'key';
    await insertWaiting(tx, { consumer: this.group, ordered, tries: 0, errors: [], delayMs: 0 }, waiting);
  }
}

/** What waits in `eventing.retry` and is due: its rows go with its effects. */
export class RetryIntake implements Intake<WaitingEvent> {
  constructor(
    private readonly group: string,
    readonly one: (record: WaitingEvent) => Promise<Result>,
  ) {}

  async enter(tx: TenantTx, members: readonly Member<WaitingEvent>[]): Promise<Entries> {
    const positions = members.map(({ record }) => record.position);
    const locked = await lockWaitingTogether(tx, this.group, positions);
    const ours = members.filter(({ record }) => locked.has(record.position));
    // Whatever is before one of ours is ours too, by the look just taken.
    const entered = ours.length === 0 ? [] : await enterInboxTogether(tx, this.group, eventsOf(ours), 'none');
    const entries = new Map<string, Entry | 'left'>(members.map(({ event }) => [event.id, 'left']));
    for (const [id, entry] of entered) entries.set(id, entry);
    return entries;
  }

  async leave(
    tx: TenantTx,
    members: readonly Member<WaitingEvent>[],
    { entries, results }: Parameters<Intake<WaitingEvent>['leave']>[2],
  ): Promise<void> {
    await takeBackMarks(tx, this.group, { members, entries, results });
    const over = members.filter(({ place }) => {
      const result = results.get(place);
      return result === 'done' || result === 'duplicate';
    });
    if (over.length === 0) return;
    await deleteWaiting(
      tx,
      over.map(({ record }) => record.position),
    );
  }
}

const eventsOf = (members: readonly Member<EventRecord>[]): EventEnvelope[] =>
  members.map(({ event }) => event);

/** Of those whose turn did not come, or who must wait for their turn. */
async function takeBackMarks(
  tx: TenantTx,
  group: string,
  came: {
    readonly members: readonly Member<EventRecord>[];
    readonly entries: Entries;
    readonly results: Results;
  },
): Promise<void> {
  const handled = new Set(
    came.members.flatMap(({ place, event }) => (came.results.get(place) === 'done' ? [event.id] : [])),
  );
  const left = [...came.entries].flatMap(([id, entry]) =>
    entry === 'fresh' && !handled.has(id) ? [id] : [],
  );
  if (left.length > 0) await leaveInbox(tx, group, left);
}
