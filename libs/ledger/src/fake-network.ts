import type { Asset } from '@libs/kernel';

import type { FakeFaults } from './fake-faults';
import type { LedgerAccount } from './ledger-account';
import type { LedgerHeader, LedgerTransaction } from './ledger-reader.port';
import type { Memo } from './memo';
import type { Outflow } from './outflow';

export interface FakeOperation {
  readonly kind: 'payment' | 'create-account' | 'change-trust' | 'no-op';
  readonly source: string;
  readonly destination: string;
  readonly asset: Asset;
  readonly amount: bigint;
}

/** What the fake's payload says. It is the whole ledger transaction in JSON, since nobody checks signatures here. */
export interface FakeEnvelope {
  readonly reference: string;
  readonly envelopeHash: string;
  readonly source: string;
  readonly sequence: bigint;
  readonly feePayer: string;
  readonly feeBid: bigint;
  readonly maxTime: number;
  readonly memo: Memo | null;
  readonly operations: readonly FakeOperation[];
}

/** What the fake's reader and submitter ask the fake. */
export interface FakeNetwork {
  readonly faults: FakeFaults;
  latest(behind?: number): LedgerHeader;
  header(sequence: number): LedgerHeader | null;
  transactions(): readonly LedgerTransaction[];
  /** What left an account, the oldest first. */
  outflows(address: string): readonly Outflow[];
  account(address: string): LedgerAccount | null;
  admit(envelope: FakeEnvelope): string | null;
}
