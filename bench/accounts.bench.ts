import {
  Account,
  Asset,
  Keypair,
  Operation,
  type Transaction,
  TransactionBuilder,
} from '@stellar/stellar-sdk';
import { z } from 'zod';

import { type Benchmark, type BenchmarkReport, mustBe, rounded } from './benchmark';
import { CleanUp } from './system/clean-up';
import { PASSPHRASE, SandboxNetwork } from './system/sandbox-network';

/** As `npm start` has it: a ledger each second, with room for a thousand operations. */
const PACE = { closeMs: 1_000, capacity: 1_000 };
const AT_ONCE = 500;
const TRIES_MAX = 5;
const CODE = 'AID';

const accountShape = z.object({
  sequence: z.string(),
  balances: z.array(z.object({ asset_code: z.string().optional(), asset_issuer: z.string().optional() })),
});

/**
 * So many people open a wallet at the sandbox network: an account from friendbot, and a trustline that they sign
 * themselves, as the demo's people do.
 */
export const accountsBenchmark: Benchmark = async ({ n, tell, profileFolder }): Promise<BenchmarkReport> => {
  const cleanUp = new CleanUp();
  try {
    const network = await SandboxNetwork.start(profileFolder);
    cleanUp.add(() => network.stop());
    const wallets = new Wallets(network.url);
    const issuer = Keypair.random();
    await wallets.fund(issuer);
    await network.setPace(PACE);
    const keys = Array.from({ length: n }, () => Keypair.random());
    const asset = new Asset(CODE, issuer.publicKey());
    const [ledgerBefore, cpuBefore] = [await network.latestLedger(), network.cpuMs()];
    tell(`${String(n)} people open their wallets, ${String(AT_ONCE)} at a time`);
    const began = performance.now();
    await inTurn(keys, async (key) => {
      await wallets.fund(key);
      await wallets.trust(key, asset);
    });
    const seconds = (performance.now() - began) / 1_000;
    const cpuMs = network.cpuMs() - cpuBefore;
    const ledgers = (await network.latestLedger()) - ledgerBefore;
    const trusting: string[] = [];
    await inTurn(keys, async (key) => {
      if (await wallets.trusts(key, asset)) trusting.push(key.publicKey());
    });
    mustBe('accounts with a trustline', new Set(trusting).size, n);
    return {
      id: 'accounts',
      n,
      metrics: {
        seconds: rounded(seconds, 2),
        accountsPerSecond: rounded(n / seconds),
        ledgers,
        sandboxCpuMicrosecondsPerAccount: rounded((cpuMs * 1_000) / n),
      },
      targets: { seconds: { atMost: 10 } },
      gates: { seconds: { atMost: 60 } },
    };
  } finally {
    await cleanUp.run();
  }
};

/** What a wallet asks of Horizon. */
class Wallets {
  constructor(private readonly url: string) {}

  async fund(key: Keypair): Promise<void> {
    const answer = await fetch(`${this.url}/friendbot?addr=${key.publicKey()}`);
    if (!answer.ok) throw new Error(`friendbot refused: ${(await answer.text()).slice(0, 500)}`);
    await answer.arrayBuffer();
  }

  async trust(key: Keypair, asset: Asset): Promise<void> {
    const { sequence } = await this.account(key);
    const envelope = new TransactionBuilder(new Account(key.publicKey(), sequence), {
      fee: '10000',
      networkPassphrase: PASSPHRASE,
    })
      .addOperation(Operation.changeTrust({ asset }))
      .setTimeout(300)
      .build();
    envelope.sign(key);
    await this.submit(envelope);
  }

  async trusts(key: Keypair, asset: Asset): Promise<boolean> {
    const { balances } = await this.account(key);
    return balances.some(
      (one) => one.asset_code === asset.getCode() && one.asset_issuer === asset.getIssuer(),
    );
  }

  private async account(key: Keypair): Promise<z.output<typeof accountShape>> {
    const answer = await fetch(`${this.url}/accounts/${key.publicKey()}`);
    return accountShape.parse(await answer.json());
  }

  private async submit(envelope: Transaction): Promise<void> {
    const body = new URLSearchParams({ tx: envelope.toXdr() });
    for (let tries = 1; ; tries += 1) {
      const answer = await fetch(`${this.url}/transactions`, { method: 'POST', body });
      const text = await answer.text();
      if (answer.ok) return;
      // The same envelope again: it is in a ledger, or it will be.
      if (tries >= TRIES_MAX || answer.status !== 504)
        throw new Error(`the network refused a trustline: ${text.slice(0, 500)}`);
    }
  }
}

async function inTurn(keys: readonly Keypair[], work: (key: Keypair) => Promise<void>): Promise<void> {
  const waiting = [...keys];
  const worker = async (): Promise<void> => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await work(key);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
