import { readFileSync } from 'node:fs';
import path from 'node:path';

import { isRecord } from '../ledger-client';

/** One recorded scenario, as it stands in the corpus; which fields it has depends on its group. */
export interface RecordedScenario {
  readonly group: string;
  readonly scenario: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const FILE = path.join(__dirname, '../../../corpus/horizon-24.jsonl');

/** What a real network answered: see corpus/README.md. */
export function recordedScenarios(): RecordedScenario[] {
  return readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const fields: unknown = JSON.parse(line);
      if (!isRecord(fields)) throw new Error(`not a scenario: ${line}`);
      return { group: String(fields['group']), scenario: String(fields['scenario']), fields };
    });
}

export function recorded(group: string): RecordedScenario[] {
  return recordedScenarios().filter((scenario) => scenario.group === group);
}
