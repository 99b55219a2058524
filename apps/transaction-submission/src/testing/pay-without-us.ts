import { ownKeyOf } from '@libs/ledger';
import { newLedgerKey, SeedSigner, StellarSubmitter } from '@libs/ledger-stellar/submitter';

import type { SandboxScene } from './sandbox-scene';

const ONE_XLM = 10_000_000n;

/** Somebody who has the key of the paying account pays one XLM from it, past our books. */
export async function payWithoutUs(scene: SandboxScene, destination: string): Promise<void> {
  const { world, sandbox, reader } = scene;
  const hand = newLedgerKey();
  await scene.fund([hand]);
  const account = await reader.account(hand.address);
  const submitter = new StellarSubmitter({
    horizonUrls: [sandbox.url],
    networkPassphrase: sandbox.passphrase,
    signer: new SeedSigner([world.host, hand]),
  });
  const { closedAt } = await reader.latestLedger();
  const [prepared] = await submitter.prepare([
    {
      channel: hand.address,
      sequence: (account?.sequence ?? 0n) + 1n,
      distribution: ownKeyOf(world.host.address),
      payments: [{ destination, asset: { code: 'XLM', issuer: '' }, amount: ONE_XLM }],
      memo: null,
      maxTime: new Date(closedAt.getTime() + 60_000),
      feeRate: 1_000n,
    },
  ]);
  await scene.closingUntil(submitter.submit(prepared?.payload ?? ''));
  await scene.closeLedger();
  submitter.close();
}
