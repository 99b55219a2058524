import type { AccountEntry, DataEntry, TrustLineEntry } from './entries';
import { Liabilities } from './liabilities';

export interface Table<Entry> {
  get(key: string): Entry | undefined;
}

interface WritableTable<Entry> extends Table<Entry> {
  set(key: string, entry: Entry | null): void;
}

/** The committed entries of one kind. */
export class CommittedTable<Entry> implements WritableTable<Entry> {
  readonly entries = new Map<string, Entry>();

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: Entry | null): void {
    if (entry === null) this.entries.delete(key);
    else this.entries.set(key, entry);
  }
}

/** Changes on top of another table, kept aside until they are committed or forgotten. */
class DraftTable<Entry> implements WritableTable<Entry> {
  private changed: Map<string, Entry | null> | undefined;

  constructor(private readonly below: Table<Entry>) {}

  get(key: string): Entry | undefined {
    const change = this.changed?.get(key);
    return change === undefined ? this.below.get(key) : (change ?? undefined);
  }

  set(key: string, entry: Entry | null): void {
    this.changed ??= new Map();
    this.changed.set(key, entry);
  }

  get changes(): ReadonlyMap<string, Entry | null> {
    return this.changed ?? new Map<string, Entry | null>();
  }

  commitTo(target: WritableTable<Entry>): void {
    if (this.changed === undefined) return;
    for (const [key, entry] of this.changed) target.set(key, entry);
  }
}

export interface StateView {
  readonly accounts: Table<AccountEntry>;
  readonly lines: Table<TrustLineEntry>;
  readonly data: Table<DataEntry>;
  readonly liabilities: Liabilities;
}

/** What one ledger changed: `null` where an entry was removed. */
export interface StateChanges {
  readonly accounts: ReadonlyMap<string, AccountEntry | null>;
  readonly lines: ReadonlyMap<string, TrustLineEntry | null>;
  readonly data: ReadonlyMap<string, DataEntry | null>;
}

/** All entries of a network. Core and the reader of its history each have one; they share the entries. */
export class LedgerState implements StateView {
  readonly accounts = new CommittedTable<AccountEntry>();
  readonly lines = new CommittedTable<TrustLineEntry>();
  readonly data = new CommittedTable<DataEntry>();

  constructor(readonly liabilities: Liabilities = new Liabilities()) {}

  apply(changes: StateChanges): void {
    for (const [key, entry] of changes.accounts) this.accounts.set(key, entry);
    for (const [key, entry] of changes.lines) this.lines.set(key, entry);
    for (const [key, entry] of changes.data) this.data.set(key, entry);
  }

  /** A copy that shares the entries, which never change, and what is promised to offers. */
  copy(): LedgerState {
    const other = new LedgerState(this.liabilities);
    other.apply({ accounts: this.accounts.entries, lines: this.lines.entries, data: this.data.entries });
    return other;
  }
}

/** A ledger, a ledger transaction or an operation at work: commit it, or drop it and nothing happened. */
export class Draft implements StateView {
  readonly accounts: DraftTable<AccountEntry>;
  readonly lines: DraftTable<TrustLineEntry>;
  readonly data: DraftTable<DataEntry>;
  readonly liabilities: Liabilities;

  constructor(below: StateView) {
    this.liabilities = below.liabilities;
    this.accounts = new DraftTable(below.accounts);
    this.lines = new DraftTable(below.lines);
    this.data = new DraftTable(below.data);
  }

  commitTo(target: Draft): void {
    this.accounts.commitTo(target.accounts);
    this.lines.commitTo(target.lines);
    this.data.commitTo(target.data);
  }

  changes(): StateChanges {
    return { accounts: this.accounts.changes, lines: this.lines.changes, data: this.data.changes };
  }
}
