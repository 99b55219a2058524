import { setTimeout as pause } from 'node:timers/promises';

import type { LedgerAsset, LedgerClient } from './ledger-client';

const LOOK_EVERY_MS = 400;

/** What one address got. */
export interface Receipts {
  readonly count: number;
  /** In stroops. */
  readonly sum: bigint;
}

/** Follows the payments that leave the distribution account, on the ledger itself. */
export class LedgerWatch {
  private readonly receipts = new Map<string, Receipts>();
  private cursor: string | undefined;
  private stopped = false;

  constructor(
    private readonly ledger: LedgerClient,
    private readonly options: { readonly account: string; readonly asset: LedgerAsset },
  ) {}

  /** From now on. */
  async begin(): Promise<void> {
    this.cursor = await this.ledger.endOfPayments(this.options.account);
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      await this.catchUp().catch(() => undefined);
      await pause(LOOK_EVERY_MS);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  /** Reads on to the end. */
  async catchUp(): Promise<void> {
    const { account, asset } = this.options;
    for (;;) {
      const page = await this.ledger.payments(account, this.cursor ?? '');
      for (const payment of page) {
        this.cursor = payment.pagingToken;
        const isOurs = payment.from === account && payment.successful;
        if (!isOurs || payment.assetCode !== asset.code || payment.assetIssuer !== asset.issuer) continue;
        const before = this.receipts.get(payment.to) ?? { count: 0, sum: 0n };
        this.receipts.set(payment.to, {
          count: before.count + 1,
          sum: before.sum + BigInt(payment.amount.replace('.', '')),
        });
      }
      if (page.length === 0) return;
    }
  }

  of(address: string): Receipts {
    return this.receipts.get(address) ?? { count: 0, sum: 0n };
  }

  get payments(): number {
    return [...this.receipts.values()].reduce((sum, receipts) => sum + receipts.count, 0);
  }

  get sum(): bigint {
    return [...this.receipts.values()].reduce((sum, receipts) => sum + receipts.sum, 0n);
  }
}
