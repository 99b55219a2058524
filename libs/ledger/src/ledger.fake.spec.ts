import { accountAddressOf } from './address';
import { FakeLedger } from './ledger.fake';
import { ledgerContract } from './ledger.contract';
import type { LedgerKey } from './ledger-submitter.port';

ledgerContract('the fake', () => {
  const fake = new FakeLedger();
  let keys = 0;
  const newKey = (): LedgerKey => {
    keys += 1;
    const seed = new Uint8Array(32).fill(keys);
    return { address: accountAddressOf(seed), seed };
  };
  return Promise.resolve({
    reader: fake.reader,
    submitter: fake.submitter,
    newKey,
    newAccount: () => {
      const key = newKey();
      fake.fund(key.address, 1_000_000_000n);
      return Promise.resolve(key);
    },
    closeLedger: (seconds = 5) => {
      fake.closeLedger(seconds);
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  });
});
