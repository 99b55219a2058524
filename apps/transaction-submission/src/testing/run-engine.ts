import type { FakeLedger, FakeLedgerOptions } from '@libs/ledger';
import { FakeLedger as Fake } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import type { TestDatabase } from '@libs/testing';

import { EngineWorld, payee, type Payee, type Process, turn } from './engine-world';

const RICH = 1_000_000_000_000n;

export interface FakeScene {
  readonly world: EngineWorld;
  readonly fake: FakeLedger;
  readonly channels: readonly string[];
}

export async function openFakeScene(options: {
  channels: number;
  ledger?: FakeLedgerOptions;
  /** Another database than a new one of the run's server. */
  database?: TestDatabase;
}): Promise<FakeScene> {
  const fake = new Fake(options.ledger ?? {});
  const host = newLedgerKey();
  fake.fund(host.address, RICH);
  const world = await EngineWorld.open(fake, host, options.database);
  const channels = await world.addChannels(fake, options.channels);
  return { world, fake, channels };
}

/** New payees whose accounts exist. */
export function payeesOn(fake: FakeLedger, count: number): readonly Payee[] {
  const payees = Array.from({ length: count }, () => payee());
  for (const { destination } of payees) fake.fund(destination, 0n);
  return payees;
}

/** What each payee received, in stroops of XLM. */
export const receivedBy = (fake: FakeLedger, payees: readonly Payee[]): readonly (bigint | undefined)[] =>
  payees.map(({ destination }) => fake.account(destination)?.balances[0]?.balance);

/** Turns and ledgers until nothing is left to do, or `turns` are over. A process that dies is followed by another. */
export async function runUntilDone(
  { world, fake }: FakeScene,
  options: {
    readonly next?: () => Process;
    readonly turns?: number;
    readonly secondsPerLedger?: number;
    readonly afterTurn?: (turns: number) => void | Promise<void>;
    /** So many are queued that are not due for long. */
    readonly notDue?: number;
  } = {},
): Promise<Process> {
  const next = options.next ?? ((): Process => world.process());
  let process = next();
  for (let turns = 1; turns <= (options.turns ?? 150); turns += 1) {
    if (await turn(process)) process = next();
    await options.afterTurn?.(turns);
    const { QUEUED = 0, SIGNED = 0, UNKNOWN = 0 } = await world.statuses();
    if (QUEUED + SIGNED + UNKNOWN === (options.notDue ?? 0)) break;
    fake.closeLedger(options.secondsPerLedger ?? 5);
  }
  return process;
}
