import { HttpClient } from '../demo/http-client';
import { Inbox } from '../demo/inbox';
import { LedgerClient } from '../demo/ledger-client';
import { fundDistribution, openOrganisation, type Organisation } from '../demo/organisation';
import { PhoneNetwork } from '../demo/phone-network';
import { Recipient } from '../demo/recipient';
import type { Person } from '../people/person';
import { localUrl, walletDomain } from '../system/installation';
import { StaffDesk } from './staff-desk';
import { TrialSystem } from './trial-system';

const FUNDS = 1_000_000_0000000n;

/** A system of real processes with the demo's organisation and its funds, a desk of staff, and people with phones. */
export class StaffScene {
  private constructor(
    readonly trial: TrialSystem,
    readonly desk: StaffDesk,
    readonly ledger: LedgerClient,
    readonly organisation: Organisation,
    readonly recipients: readonly Recipient[],
    private readonly http: HttpClient,
    private readonly phones: PhoneNetwork,
  ) {}

  static async start(people: readonly Person[]): Promise<StaffScene> {
    // The desk names an address for each call, as the proxy of a real installation would.
    process.env['TRUSTED_PROXY_HOPS'] = '1';
    const trial = await TrialSystem.start();
    const { installation } = trial.system;
    const { ports, data } = installation;
    const http = new HttpClient({ totalMs: 60_000, answerWithinMs: 30_000 });
    const inbox = new Inbox();
    const ledger = new LedgerClient(http, localUrl(ports.sandbox));
    const organisation = await openOrganisation({ installation, http, ledger });
    await fundDistribution({ installation, http, ledger }, organisation, FUNDS);
    const phones = new PhoneNetwork(http, `${localUrl(ports.messaging)}/outbox`, inbox);
    const world = {
      http,
      ledger,
      inbox,
      wallet: { domain: walletDomain(ports), signUrl: `${localUrl(ports.wallet)}/sign` },
      secret: data.keys.peopleSecret,
    };
    const recipients = people.map((person) => new Recipient(person, world));
    void phones.run();
    const desk = new StaffDesk(http, installation);
    return new StaffScene(trial, desk, ledger, organisation, recipients, http, phones);
  }

  /** Of the demo's own staff. */
  get password(): string {
    return this.trial.system.installation.data.keys.staffPassword;
  }

  async stop(): Promise<void> {
    this.phones.stop();
    await this.trial.stop();
    this.http.close();
  }
}
