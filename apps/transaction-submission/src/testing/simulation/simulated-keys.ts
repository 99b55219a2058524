import { type AccountKey, type LedgerKey, ownKeyOf, type SignatureRequest } from '@libs/ledger';
import { SeedSigner } from '@libs/ledger-stellar/submitter';

import { LedgerKeys } from '../../keys/ledger-keys.port';

/** Keys that are the same in every run, so that every envelope of a seed is. */
export class SimulatedKeys extends LedgerKeys {
  override readonly host: AccountKey;
  private readonly signer: SeedSigner;

  constructor(host: LedgerKey, others: readonly LedgerKey[]) {
    super();
    this.host = ownKeyOf(host.address);
    this.signer = new SeedSigner([host, ...others]);
  }

  override async sign(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]> {
    return await this.signer.sign(requests);
  }

  override make(): Promise<readonly string[]> {
    return Promise.reject(new Error('the simulation makes no keys: its accounts are there from the start'));
  }

  override problems(): readonly string[] {
    return [];
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
