import { type Asset, XLM } from '@libs/kernel';

import { DisbursementWorld } from './disbursement-world';
import { letWalletTakeTheAsset } from './people';
import type { TestServer } from './test-server';

/** One unit of an asset in stroops. */
export const UNIT = 10_000_000n;
/** Of one payment: two operations at the ceiling of 10,000 stroops each. */
export const FEE = 20_000n;
/** What the ledger locks of an account without trustlines. */
const RESERVE = UNIT;

let worlds = 0;

/** A new organisation whose account can send so much XLM, fees included, and whose wallet provider takes its asset. */
export async function fundedWorld(
  server: TestServer,
  spendable = 1_000n * UNIT,
  asset: Asset = XLM,
): Promise<DisbursementWorld> {
  worlds += 1;
  const made = await DisbursementWorld.make(server, `org-${'x'.repeat(worlds)}`, asset);
  await letWalletTakeTheAsset(made);
  made.fund(spendable + RESERVE);
  return made;
}
