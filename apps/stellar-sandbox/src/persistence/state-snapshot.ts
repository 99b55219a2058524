import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { LedgerHeader } from '../engine/ledger-header';
import { LedgerState } from '../engine/ledger-state';
import { lineKey, dataKey } from '../engine/entries';
import { checkedLine, readCheckedLines, syncFolder } from './checked-lines';
import { readAccount, readData, readLine, storeAccount, storeData, storeLine } from './entry-codec';
import { DamagedRecord, FieldReader } from './field-reader';
import { readHeader, storeHeader } from './ledger-codec';

/** All entries as they were after one ledger. */
export interface Snapshot {
  readonly header: LedgerHeader;
  readonly state: LedgerState;
}

const ENTRIES_A_WRITE = 2000;

function* linesOf({ header, state }: Snapshot): Generator<string> {
  yield JSON.stringify(['header', storeHeader(header)]);
  for (const account of state.accounts.entries.values())
    yield JSON.stringify(['account', storeAccount(account)]);
  for (const line of state.lines.entries.values()) yield JSON.stringify(['line', storeLine(line)]);
  for (const entry of state.data.entries.values()) yield JSON.stringify(['data', storeData(entry)]);
  yield JSON.stringify(['end', null]);
}

/** Writes it aside and renames it, so that a file of this name is always whole. */
export async function writeSnapshot(path: string, snapshot: Snapshot): Promise<void> {
  const aside = `${path}.writing`;
  const file = await open(aside, 'w', 0o600);
  try {
    let chunk: string[] = [];
    for (const line of linesOf(snapshot)) {
      chunk.push(checkedLine(line));
      if (chunk.length < ENTRIES_A_WRITE) continue;
      await file.appendFile(chunk.join(''));
      chunk = [];
    }
    await file.appendFile(chunk.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  await syncFolder(dirname(path));
}

function take(state: LedgerState, kind: string, fields: FieldReader): void {
  switch (kind) {
    case 'account': {
      const account = readAccount(fields);
      state.accounts.set(account.id, account);
      return;
    }
    case 'line': {
      const line = readLine(fields);
      state.lines.set(lineKey(line.account, line.code, line.issuer), line);
      return;
    }
    case 'data': {
      const entry = readData(fields);
      state.data.set(dataKey(entry.account, entry.name), entry);
      return;
    }
    default:
      throw new DamagedRecord(`there is no kind of entry called ${kind}`);
  }
}

export async function readSnapshot(path: string): Promise<Snapshot> {
  const { lines } = await readCheckedLines(path);
  const state = new LedgerState();
  let header: LedgerHeader | null = null;
  for (const line of lines) {
    const fields = new FieldReader(JSON.parse(line));
    const kind = fields.text();
    if (kind === 'header') header = fields.optional(readHeader);
    else if (kind !== 'end')
      fields.optional((entry) => {
        take(state, kind, entry);
      });
    else if (header !== null) return { header, state };
  }
  throw new DamagedRecord(`${path} is not a whole snapshot`);
}
