import { FakeLedger, type FakeLedgerOptions } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';

import { EngineWorld, type Payee, payee, type Process, turn } from './testing/engine-world';

const RICH = 1_000_000_000_000n;

describe('the submission engine on a ledger that behaves', () => {
  it('pays every payment once and tells each outcome once', async () => {
    const { world, fake, payees } = await given({ payees: 10, channels: 4 });
    await world.dispatch(payees);
    await run(world, fake);
    expect(await world.statuses()).toEqual({ SUCCESS: 10 });
    expectPaidOnce(fake, payees);
    expect((await world.outcomes()).map((one) => one.id).sort()).toEqual(
      payees.map((one) => one.paymentId).sort(),
    );
    await world.close();
  });
});

export function expectPaidOnce(fake: FakeLedger, payees: readonly Payee[]): void {
  const received = payees.map(({ destination }) => fake.account(destination)?.balances[0]?.balance);
  expect(received).toEqual(payees.map(({ amount }) => amount));
}

/** Turns and ledgers until nothing is left to do. A process that dies is followed by another. */
export async function run(
  world: EngineWorld,
  fake: FakeLedger,
  options: { next?: () => Process; turns?: number; secondsPerLedger?: number } = {},
): Promise<Process> {
  const next = options.next ?? ((): Process => world.process());
  let process = next();
  for (let turns = 0; turns < (options.turns ?? 120); turns += 1) {
    if (await turn(process)) process = next();
    const statuses = await world.statuses();
    const open = (statuses['QUEUED'] ?? 0) + (statuses['SIGNED'] ?? 0) + (statuses['UNKNOWN'] ?? 0);
    if (open === 0) break;
    fake.closeLedger(options.secondsPerLedger ?? 5);
  }
  return process;
}

async function given(options: {
  payees: number;
  channels: number;
  ledger?: FakeLedgerOptions;
}): Promise<{ world: EngineWorld; fake: FakeLedger; payees: readonly Payee[] }> {
  const fake = new FakeLedger(options.ledger ?? {});
  const host = newLedgerKey();
  fake.fund(host.address, RICH);
  const world = await EngineWorld.open(fake, host);
  await world.addChannels(fake, options.channels);
  const payees = Array.from({ length: options.payees }, () => payee());
  for (const { destination } of payees) fake.fund(destination, 0n);
  return { world, fake, payees };
}
