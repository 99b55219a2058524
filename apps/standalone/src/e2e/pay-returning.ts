import { Disbursement } from '../demo/disbursement';
import { HttpClient } from '../demo/http-client';
import { LedgerClient } from '../demo/ledger-client';
import { fundDistribution, openOrganisation } from '../demo/organisation';
import type { Person } from '../people/person';
import { type Installation, localUrl } from '../system/installation';
import { until } from './until';

/** Several disbursements share the account and look at its balance at the same time. */
const SPARE = 10n;

/** A disbursement to people who have registered before, from the upload to its completion. */
export async function payReturning(
  installation: Installation,
  people: readonly Person[],
  name: string,
): Promise<void> {
  const http = new HttpClient({ totalMs: 60_000, answerWithinMs: 30_000 });
  try {
    const ledger = new LedgerClient(http, localUrl(installation.ports.sandbox));
    const organisation = await openOrganisation({ installation, http, ledger });
    const sum = people.reduce((total, { amount }) => total + amount, 0n);
    await fundDistribution({ installation, http, ledger }, organisation, sum * SPARE);
    const disbursement = await Disbursement.create(organisation, name);
    await disbursement.upload(people);
    await disbursement.start();
    await until(async () => (await disbursement.state()).status === 'COMPLETED');
  } finally {
    http.close();
  }
}
