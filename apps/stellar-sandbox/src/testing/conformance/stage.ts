import { Keypair, xdr } from '@stellar/stellar-sdk';

import { rootKey } from '../../engine/genesis';
import type { Sandbox } from '../../sandbox';
import { type HttpAnswer, LedgerClient } from '../ledger-client';
import { bumpOfForm, type EnvelopeForm, envelopeOfForm, muxedOfKey, sealForm } from './envelope-form';
import { create, credit, payTo, trust } from './operation-forms';

const STROOPS = 10_000_000n;

/** Whole XLM (or units of an asset) in stroops. */
export const units = (amount: number): bigint => BigInt(amount) * STROOPS;

export interface Parameters {
  readonly source: Keypair;
  readonly operations: readonly xdr.Operation[];
  readonly fee?: number;
  readonly sequence?: bigint;
  readonly conditions?: xdr.Preconditions;
  readonly memo?: xdr.Memo;
  readonly signers?: readonly Keypair[];
  readonly passphrase?: string;
  readonly muxedId?: bigint;
}

/** The scene of one scenario: accounts by their role, on a network whose ledgers close when the scene says so. */
export class Stage {
  readonly client: LedgerClient;
  private readonly keys = new Map<string, Keypair>();

  constructor(readonly sandbox: Sandbox) {
    this.client = new LedgerClient(sandbox.url, sandbox.passphrase);
  }

  /** The key of a role such as A, B or the issuer I; it need not have an account. */
  key(role: string): Keypair {
    const known = this.keys.get(role);
    if (known !== undefined) return known;
    const fresh = Keypair.random();
    this.keys.set(role, fresh);
    return fresh;
  }

  get usd(): xdr.Asset {
    return credit('USD', this.key('I'));
  }

  async fund(...roles: readonly string[]): Promise<void> {
    await this.fundWith(units(100), ...roles);
  }

  async fundWith(amount: bigint, ...roles: readonly string[]): Promise<void> {
    const root = rootKey(this.sandbox.passphrase);
    await this.do(
      root,
      roles.map((role) => create(this.key(role), amount)),
    );
  }

  /** Trustlines to the issuer's USD, each opened by its holder. */
  async trustUsd(limit: bigint | undefined, ...roles: readonly string[]): Promise<void> {
    for (const role of roles) await this.do(this.key(role), [trust(this.usd, limit)]);
  }

  async issueUsd(role: string, amount: bigint): Promise<void> {
    await this.do(this.key('I'), [payTo(this.key(role), amount, this.usd)]);
  }

  async sequence(source: Keypair): Promise<bigint> {
    return this.client.sequenceOf(source.publicKey());
  }

  /** A ledger transaction as the scenario wants it; whatever it leaves out is as it should be. */
  async form(parameters: Parameters): Promise<EnvelopeForm> {
    const { conditions, memo, muxedId, operations, source } = parameters;
    return {
      source: muxedOfKey(source, muxedId),
      fee: parameters.fee ?? 100 * Math.max(1, operations.length),
      sequence: parameters.sequence ?? (await this.sequence(source)) + 1n,
      operations,
      conditions:
        conditions ?? xdr.Preconditions.precondTime(new xdr.TimeBounds({ minTime: 0n, maxTime: 0n })),
      memo: memo ?? xdr.Memo.memoNone(),
      signers: parameters.signers ?? [source],
      passphrase: parameters.passphrase ?? this.sandbox.passphrase,
    };
  }

  async envelope(parameters: Parameters): Promise<string> {
    return envelopeOfForm(await this.form(parameters));
  }

  /** A fee bump by F, signed by F, of a ledger transaction. */
  async bump(
    inner: Parameters,
    outer: { readonly fee: bigint; readonly feeSource?: Keypair; readonly signers?: readonly Keypair[] },
  ): Promise<string> {
    const feeSource = outer.feeSource ?? this.key('F');
    return bumpOfForm({
      inner: sealForm(await this.form(inner)),
      feeSource,
      fee: outer.fee,
      signers: outer.signers ?? [feeSource],
      passphrase: this.sandbox.passphrase,
    });
  }

  /** Part of the set-up: it must succeed. */
  async do(
    source: Keypair,
    operations: readonly xdr.Operation[],
    signers?: readonly Keypair[],
  ): Promise<void> {
    const more = signers === undefined ? {} : { signers };
    const answer = await this.include(await this.envelope({ source, operations, ...more }));
    if (answer.status !== 200) throw new Error(`the set-up failed: ${answer.text}`);
  }

  /** Posts and closes ledgers until the answer is there. */
  async include(envelope: string): Promise<HttpAnswer> {
    const progress: { answer?: HttpAnswer } = {};
    const posting = this.client.post(envelope).then((answer) => {
      progress.answer = answer;
      return answer;
    });
    for (let ledgers = 0; progress.answer === undefined && ledgers < 10; ledgers += 1) {
      const accepted = await this.waitUntilQueued(progress);
      if (accepted) await this.sandbox.closeLedger();
    }
    return posting;
  }

  /** Whether something waits for a ledger; false when the answer came first. */
  private async waitUntilQueued(progress: { readonly answer?: HttpAnswer }): Promise<boolean> {
    for (;;) {
      if (progress.answer !== undefined) return false;
      if (this.sandbox.queueSize > 0) return true;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
