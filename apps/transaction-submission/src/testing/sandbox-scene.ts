import { type LedgerKey, type SignatureRequest, Signer } from '@libs/ledger';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { newLedgerKey, StellarSubmitter } from '@libs/ledger-stellar/submitter';

import { type Sandbox, startSandbox } from '../../../stellar-sandbox/src/sandbox';
import { EngineWorld, payee, type Payee, type Process, turn } from './engine-world';

const SECONDS_PER_LEDGER = 5;
/** What friendbot gives, in stroops. */
const FUNDED = 100_000_000_000n;

/** The keys are in the database of the world, which is opened after the ledger that it works on. */
class LateSigner extends Signer {
  private signer: Signer | null = null;

  use(signer: Signer): void {
    this.signer = signer;
  }

  override async sign(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]> {
    if (this.signer === null) throw new Error('the world is not open yet');
    return await this.signer.sign(requests);
  }
}

/** The engine on the sandbox network, whose ledgers close and whose clock moves only when the test says so. */
export class SandboxScene {
  private constructor(
    readonly sandbox: Sandbox,
    readonly reader: StellarReader,
    readonly submitter: StellarSubmitter,
    readonly world: EngineWorld,
  ) {}

  /** `nodes`: the ends of the addresses that the engine is given, of two servers. */
  static async open(channels: number, nodes: readonly string[] = ['1']): Promise<SandboxScene> {
    const sandbox = await startSandbox({ closeMs: 0, submitTimeoutMs: 2_000, nodes: 2 });
    const horizonUrls = nodes.map((node) => `${sandbox.url}/nodes/${node}`);
    const options = { horizonUrls, networkPassphrase: sandbox.passphrase };
    const signer = new LateSigner();
    const [reader, submitter] = [new StellarReader(options), new StellarSubmitter({ ...options, signer })];
    const host = newLedgerKey();
    const world = await EngineWorld.open({ reader, submitter }, host);
    signer.use(world.keys());
    const scene = new SandboxScene(sandbox, reader, submitter, world);
    await scene.control('clock', { stopAt: '2026-01-01T00:00:00Z' });
    await scene.fund([host]);
    const { population } = world.process({ settings: { channelAccounts: channels } });
    await scene.closingUntil(population.keepUp());
    return scene;
  }

  async close(): Promise<void> {
    await this.world.close();
    this.reader.close();
    this.submitter.close();
    await this.sandbox.close();
  }

  async control(what: string, body: object): Promise<void> {
    const answer = await fetch(`${this.sandbox.url}/sandbox/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the sandbox refused ${what}: ${await answer.text()}`);
  }

  async noMoreFaults(): Promise<void> {
    await fetch(`${this.sandbox.url}/sandbox/faults`, { method: 'DELETE' });
  }

  async closeLedger(seconds = SECONDS_PER_LEDGER): Promise<void> {
    await this.control('clock', { advanceMs: seconds * 1_000 });
    await this.sandbox.closeLedger();
  }

  async payees(count: number): Promise<readonly Payee[]> {
    const payees = Array.from({ length: count }, () => payee());
    await this.fund(payees.map(({ destination: address }) => ({ address })));
    return payees;
  }

  /** What each payee received beyond what friendbot gave, and in how many payments. */
  async received(
    payees: readonly Payee[],
  ): Promise<readonly { readonly amount: bigint; readonly payments: number }[]> {
    return await Promise.all(
      payees.map(async ({ destination }) => {
        const account = await this.reader.account(destination);
        const payments = await this.reader.paymentsOf(destination, { order: 'asc' });
        return { amount: (account?.balances[0]?.balance ?? 0n) - FUNDED, payments: payments.length };
      }),
    );
  }

  /** Turns and ledgers until nothing is left to do. A process that dies is followed by another. */
  async runUntilDone(options: {
    readonly next?: () => Process;
    readonly turns?: number;
    readonly afterTurn?: (turns: number) => Promise<void>;
  }): Promise<void> {
    const next = options.next ?? ((): Process => this.world.process());
    let process = next();
    for (let turns = 1; turns <= (options.turns ?? 120); turns += 1) {
      if (await turn(process)) process = next();
      await options.afterTurn?.(turns);
      const { QUEUED = 0, SIGNED = 0, UNKNOWN = 0 } = await this.world.statuses();
      if (QUEUED + SIGNED + UNKNOWN === 0) return;
      await this.closeLedger();
    }
  }

  async fund(keys: readonly Pick<LedgerKey, 'address'>[]): Promise<void> {
    const funded = keys.map(async ({ address }) => {
      const answer = await fetch(`${this.sandbox.url}/friendbot?addr=${address}`);
      if (!answer.ok) throw new Error('friendbot did not fund an account');
    });
    await this.closingUntil(Promise.all(funded));
  }

  /** Closes ledgers until `work` is done. */
  async closingUntil(work: Promise<unknown>): Promise<void> {
    const over = { is: false };
    const watched = work.finally(() => (over.is = true));
    while (!over.is) {
      await this.closeLedger(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await watched;
  }
}
