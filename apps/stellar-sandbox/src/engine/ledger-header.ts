import { createHash } from 'node:crypto';

import { xdr } from '@stellar/stellar-sdk';

/** What this network says of itself: the rules of the network that the conformance corpus was recorded from. */
export const PROTOCOL_VERSION = 19;

export interface LedgerHeader {
  readonly sequence: number;
  /** Hex. */
  readonly hash: string;
  readonly previousHash: string;
  /** Unix seconds. */
  readonly closeTime: number;
  /** In stroops. */
  readonly totalCoins: bigint;
  readonly feePool: bigint;
  readonly baseFee: bigint;
  readonly baseReserve: bigint;
  /** Operations that fit into one ledger. */
  readonly capacity: number;
  /** Base64. */
  readonly headerXdr: string;
}

export interface HeaderContent extends Omit<LedgerHeader, 'hash' | 'headerXdr'> {
  readonly setHash: Buffer;
  readonly resultsHash: Buffer;
  readonly stateHash: Buffer;
}

const NO_HASH = new xdr.Hash(new Uint8Array(32));

/** Encodes a header as the network does; its hash names the ledger. */
export function sealHeader(content: HeaderContent): LedgerHeader {
  const { resultsHash, setHash, stateHash, ...plain } = content;
  const header = new xdr.LedgerHeader({
    ledgerVersion: PROTOCOL_VERSION,
    previousLedgerHash: new xdr.Hash(Buffer.from(content.previousHash, 'hex')),
    scpValue: new xdr.StellarValue({
      txSetHash: setHash,
      closeTime: BigInt(content.closeTime),
      upgrades: [],
      ext: xdr.StellarValueExt.stellarValueBasic(),
    }),
    txSetResultHash: new xdr.Hash(resultsHash),
    bucketListHash: new xdr.Hash(stateHash),
    ledgerSeq: content.sequence,
    totalCoins: content.totalCoins,
    feePool: content.feePool,
    inflationSeq: 0,
    idPool: 0n,
    baseFee: Number(content.baseFee),
    baseReserve: Number(content.baseReserve),
    maxTxSetSize: content.capacity,
    skipList: [NO_HASH, NO_HASH, NO_HASH, NO_HASH],
    ext: xdr.LedgerHeaderExt.v0(),
  });
  const bytes = header.toXdr();
  return {
    ...plain,
    hash: createHash('sha256').update(bytes).digest('hex'),
    headerXdr: Buffer.from(bytes).toString('base64'),
  };
}
