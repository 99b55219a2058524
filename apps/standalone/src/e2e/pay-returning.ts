import { Disbursement } from '../demo/disbursement';
import { HttpClient } from '../demo/http-client';
import { LedgerClient } from '../demo/ledger-client';
import { fundDistribution, openOrganisation } from '../demo/organisation';
import { Turnstile } from '../demo/turnstile';
import type { Person } from '../people/person';
import { type Installation, localUrl } from '../system/installation';
import { until } from './until';

const AT_ONCE = 6;

export interface Returning {
  readonly installation: Installation;
  /** They have registered before. */
  readonly people: readonly Person[];
  readonly names: readonly string[];
}

/** A disbursement per name, all to the same people, each from the upload to its completion. */
export async function payReturning({ installation, people, names }: Returning): Promise<void> {
  const http = new HttpClient({ totalMs: 60_000, answerWithinMs: 30_000 });
  try {
    const ledger = new LedgerClient(http, localUrl(installation.ports.sandbox));
    const organisation = await openOrganisation({ installation, http, ledger });
    const sum = people.reduce((total, { amount }) => total + amount, 0n);
    const tools = { installation, http, ledger };
    // More than is needed: while payments go out, the check of the funds counts some of them twice, to be safe.
    await fundDistribution(tools, organisation, sum * BigInt(names.length + AT_ONCE));
    const door = new Turnstile(AT_ONCE);
    const pay = async (name: string): Promise<void> => {
      const disbursement = await Disbursement.create(organisation, name);
      await disbursement.upload(people);
      await disbursement.start();
      await until(async () => (await disbursement.state()).status === 'COMPLETED', { everyMs: 1_000 });
    };
    await Promise.all(names.map((name) => door.pass(() => pay(name))));
  } finally {
    http.close();
  }
}
