import { LedgerCloser } from './ledger-closer';

describe('The closer of ledgers', () => {
  it('closes one ledger at a time, in the order in which they were asked for', async () => {
    const log: string[] = [];
    const close = async (): Promise<void> => {
      log.push('begin');
      await new Promise((resolve) => setImmediate(resolve));
      log.push('end');
    };
    const closer = new LedgerCloser(close, 0, () => undefined);
    await Promise.all([
      closer.closeNow(),
      closer.closeNow(),
      closer.between(async () => void log.push('reset')),
    ]);
    expect(log).toEqual(['begin', 'end', 'begin', 'end', 'reset']);
  });

  it('builds nothing on a ledger that could not be kept', async () => {
    const failures: string[] = [];
    let attempts = 0;
    const close = async (): Promise<void> => {
      attempts += 1;
      return Promise.reject(new Error('the disk is full'));
    };
    const closer = new LedgerCloser(close, 0, ({ message }) => failures.push(message));
    await expect(closer.closeNow()).rejects.toThrow('the disk is full');
    await expect(closer.closeNow()).rejects.toThrow('the disk is full');
    expect([attempts, failures]).toEqual([1, ['the disk is full']]);
  });
});
