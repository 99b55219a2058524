import { FakeLedger, type NodeState, WrongNetworkError } from '@libs/ledger';
import { silentLogger } from '@libs/observability';

import { LedgerWatch } from './ledger-watch';

/** Ledgers close each 5 s of a time that is told; how often nodes are asked for their newest one is counted. */
class Hours {
  readonly fake = new FakeLedger();
  readonly reader = this.fake.reader;
  looks = 0;
  private seconds = 0;
  private told = 0;
  private readonly watch = new LedgerWatch({
    reader: this.reader,
    now: () => {
      this.told += 1;
      return this.seconds * 1_000;
    },
    logger: silentLogger,
    everyMs: 1,
    onLedger: () => undefined,
  });

  constructor(nodes: number) {
    const ask = this.reader.nodes.bind(this.reader);
    jest.spyOn(this.reader, 'nodes').mockImplementation(async (): Promise<readonly NodeState[]> => {
      this.looks += 1;
      const states = await ask();
      return Array.from({ length: nodes }, (_, index) =>
        states.map((one) => ({ ...one, url: `${one.url}/${String(index)}` })),
      ).flat();
    });
  }

  async pass(seconds: number): Promise<void> {
    this.watch.start();
    await this.until(() => this.watch.latest !== null);
    for (const end = this.seconds + seconds; this.seconds < end;) {
      const { sequence } = this.fake.closeLedger();
      await this.until(() => this.watch.latest?.sequence === sequence);
      this.seconds += 5;
      // It asks for the time at least once in each turn, and no more than three times.
      const turns = this.told + 12;
      await this.until(() => this.told >= turns);
    }
    this.watch.stop();
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the watch over the ledger asks for the newest ledger', () => {
  it('each server of several every 20 s', async () => {
    const hours = new Hours(2);
    await hours.pass(55);
    expect(hours.looks).toBe(3);
  });

  it('the only server every minute, since its stream tells', async () => {
    const hours = new Hours(1);
    await hours.pass(55);
    expect(hours.looks).toBe(1);
  });

  it('the only server every 20 s while it may be on another network', async () => {
    const hours = new Hours(1);
    jest
      .spyOn(hours.reader, 'assertNetwork')
      .mockRejectedValue(new WrongNetworkError('it is another network'));
    await hours.pass(55);
    expect(hours.looks).toBe(3);
  });
});
