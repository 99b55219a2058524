import { StellarReader } from '@libs/ledger-stellar/reader';

import { type Sandbox, startSandbox } from '../../../../stellar-sandbox/src/sandbox';
import type { SeededRandom } from '../simulation/seeded-random';

/** So much ledger time passes with each ledger, so that an attempt has its time behind it after a dozen of them. */
const SECONDS_PER_LEDGER = 10;
const LEDGER_EVERY_MS = 300;
const PAGE = 200;

/** What may happen to an envelope on its way, or to the answer on its way back. */
const FAULTS: readonly object[] = [
  { kind: 'cut' },
  { kind: 'cut', when: 'before' },
  { kind: 'cut', fate: { kind: 'late_inclusion', ledgers: 4 } },
  { kind: 'respond', status: 504 },
  { kind: 'respond', status: 504, hash: false, fate: { kind: 'late_inclusion', ledgers: 3 } },
  { kind: 'respond', status: 504, fate: { kind: 'drop' } },
  { kind: 'respond', status: 503, when: 'before', body: 'html' },
  { kind: 'late_inclusion', ledgers: 5 },
  { kind: 'drop', how: 'with_age' },
  { kind: 'drop', how: 'at_once' },
];

export interface PaidOperation {
  readonly to: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly ledgerTransactionHash: string;
}

/** A network whose ledgers close several times a second, each of them ten seconds after the last by its own clock. */
export class OwnNetwork {
  readonly reader: StellarReader;
  private closing: Promise<void> = Promise.resolve();
  private closed = false;
  private cursor = '0';
  private readonly operations: PaidOperation[] = [];

  private constructor(readonly sandbox: Sandbox) {
    this.reader = new StellarReader({ horizonUrls: [sandbox.url], networkPassphrase: sandbox.passphrase });
  }

  static async start(): Promise<OwnNetwork> {
    const network = new OwnNetwork(
      await startSandbox({ closeMs: 0, submitTimeoutMs: 5_000, streamTickMs: 50 }),
    );
    await network.control('clock', { stopAt: '2026-01-01T00:00:00Z' });
    network.closing = network.keepClosing();
    return network;
  }

  async stop(): Promise<void> {
    this.closed = true;
    await this.closing;
    this.reader.close();
    await this.sandbox.close();
  }

  async fund(addresses: readonly string[]): Promise<void> {
    const answers = await Promise.all(
      addresses.map((address) => fetch(`${this.sandbox.url}/friendbot?addr=${address}`)),
    );
    if (!answers.every((one) => one.ok)) throw new Error('friendbot did not fund an account');
  }

  /** Two kinds of trouble for a fifth of the envelopes each; from the same dice the same kinds. */
  async makeTrouble(random: SeededRandom): Promise<void> {
    for (const action of random.shuffled(FAULTS).slice(0, 2)) {
      await this.control('faults', { action, probability: 0.2, seed: random.below(1_000_000) });
    }
  }

  async calm(): Promise<void> {
    await fetch(`${this.sandbox.url}/sandbox/faults`, { method: 'DELETE' });
  }

  /** Every successful payment operation that ever left the account. */
  async paidBy(account: string): Promise<readonly PaidOperation[]> {
    for (;;) {
      const page = await this.reader.paymentsOf(account, { order: 'asc', cursor: this.cursor, limit: PAGE });
      for (const one of page) {
        this.cursor = one.pagingToken;
        if (one.successful && one.from === account) this.operations.push(one);
      }
      if (page.length < PAGE) return this.operations;
    }
  }

  private async keepClosing(): Promise<void> {
    while (!this.closed) {
      await new Promise((resolve) => setTimeout(resolve, LEDGER_EVERY_MS));
      await this.control('clock', { advanceMs: SECONDS_PER_LEDGER * 1_000 });
      await this.sandbox.closeLedger();
    }
  }

  private async control(what: string, body: object): Promise<void> {
    const answer = await fetch(`${this.sandbox.url}/sandbox/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the sandbox refused ${what}: ${await answer.text()}`);
  }
}
