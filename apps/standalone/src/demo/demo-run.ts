import { setTimeout as pause } from 'node:timers/promises';

import type { Person } from '../people/person';
import { type Installation, localUrl, walletDomain } from '../system/installation';
import type { Counts } from './counts';
import { Crowd } from './crowd';
import { Disbursement, type DisbursementState } from './disbursement';
import { HttpClient } from './http-client';
import { Inbox } from './inbox';
import { LedgerClient } from './ledger-client';
import { LedgerWatch } from './ledger-watch';
import { demoAsset, fundDistribution, openOrganisation, type Organisation } from './organisation';
import { PhoneNetwork } from './phone-network';
import { balancesOf, judge, type Verdict } from './verdict';

export interface DemoOptions {
  readonly installation: Installation;
  readonly people: readonly Person[];
  /** Must differ from the names of earlier disbursements. */
  readonly name: string;
  readonly say?: (sentence: string) => void;
  /** Called when the counts begin to move. */
  readonly onStart?: (counts: () => Counts) => void;
}

export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
}

export interface DemoResult extends Verdict {
  readonly people: number;
  readonly invited: number;
  readonly registered: number;
  /** Of the registered: those who had done so before this run. */
  readonly returning: number;
  readonly paid: number;
  readonly status: string;
  readonly failures: readonly string[];
  readonly stages: readonly StageTime[];
  readonly passed: boolean;
}

const LOOK_EVERY_MS = 700;
const WALLET_CONNECTIONS = 500;
/** When nothing at all has moved for so long, something is broken. */
const STANDSTILL_MS = 120_000;

/** The main job from beginning to end: a file of people is uploaded, and every one of them is paid once. */
export class DemoRun {
  private readonly http = new HttpClient({ totalMs: 120_000, answerWithinMs: 30_000 }, 128);
  private readonly wallets = new HttpClient({ totalMs: 120_000, answerWithinMs: 40_000 }, WALLET_CONNECTIONS);
  private readonly inbox = new Inbox();
  private readonly ledger: LedgerClient;
  private readonly phones: PhoneNetwork;
  private readonly crowd: Crowd;
  private readonly stages: StageTime[] = [];
  private stageSince = performance.now();
  private uploaded = 0;
  private state: DisbursementState = { status: 'DRAFT', paid: 0, failed: 0, amountPaid: 0n };
  private watch: LedgerWatch | undefined;

  constructor(private readonly options: DemoOptions) {
    const { ports, data } = options.installation;
    this.ledger = new LedgerClient(this.wallets, localUrl(ports.sandbox));
    this.phones = new PhoneNetwork(this.http, `${localUrl(ports.messaging)}/outbox`, this.inbox);
    this.crowd = new Crowd(options.people, {
      http: this.http,
      ledger: this.ledger,
      inbox: this.inbox,
      wallet: { domain: walletDomain(ports), signUrl: `${localUrl(ports.wallet)}/sign` },
      secret: data.keys.peopleSecret,
    });
  }

  async run(): Promise<DemoResult> {
    try {
      return await this.pay();
    } finally {
      this.phones.stop();
      this.watch?.stop();
      this.http.close();
      this.wallets.close();
    }
  }

  counts(): Counts {
    return {
      people: this.options.people.length,
      uploaded: this.uploaded,
      invited: this.crowd.invited,
      registered: this.crowd.registered,
      paid: this.state.paid,
      confirmed: this.confirmed(),
    };
  }

  private async pay(): Promise<DemoResult> {
    const { people, installation } = this.options;
    // People have their wallets before anybody thinks of paying them.
    const walletsOpen = this.crowd.openWallets(demoAsset(installation));
    // A failure is looked at where it is awaited; until then it must not end the process.
    walletsOpen.catch(() => undefined);
    const organisation = await openOrganisation({ installation, http: this.http, ledger: this.ledger });
    this.endStage('organisation');
    this.options.onStart?.(() => this.counts());
    const disbursement = await Disbursement.create(organisation, this.options.name);
    await disbursement.upload(people);
    this.uploaded = people.length;
    this.endStage('upload');
    await this.fund(organisation);
    await walletsOpen;
    const before = await balancesOf(this.crowd.recipients, this.ledger, organisation.asset);
    this.endStage('wallets opened');
    const watch = await this.beginWatch(organisation);
    const registeredBefore = organisation.isNew ? new Set<string>() : await disbursement.registeredPhones();
    await disbursement.start();
    this.endStage('approval and start');
    void this.phones.run();
    await Promise.all([this.register(registeredBefore), this.waitForTheEnd(disbursement)]);
    await watch.catchUp();
    this.endStage('payments');
    const after = await balancesOf(this.crowd.recipients, this.ledger, organisation.asset);
    this.endStage('checks');
    const inPayments = this.state.amountPaid;
    return this.result(judge({ recipients: this.crowd.recipients, watch, before, after, inPayments }));
  }

  private async fund(organisation: Organisation): Promise<void> {
    const { installation, people } = this.options;
    const sum = people.reduce((total, person) => total + person.amount, 0n);
    await fundDistribution({ installation, http: this.http, ledger: this.ledger }, organisation, sum);
  }

  private async beginWatch({ distributionAccount, asset }: Organisation): Promise<LedgerWatch> {
    const watch = new LedgerWatch(this.ledger, { account: distributionAccount, asset });
    await watch.begin();
    this.watch = watch;
    void watch.run();
    return watch;
  }

  private async register(registeredBefore: ReadonlySet<string>): Promise<void> {
    await this.crowd.register(registeredBefore);
    this.endStage('invitations and registrations');
  }

  /** Until everybody is paid and the ledger shows it, or nothing moves any more. */
  private async waitForTheEnd(disbursement: Disbursement): Promise<void> {
    let last = '';
    let movedAt = performance.now();
    for (;;) {
      this.state = await disbursement.state();
      const { length } = this.options.people;
      const confirmed = this.confirmed();
      if (this.state.status === 'COMPLETED' && (confirmed >= length || this.state.failed > 0)) return;
      const now = JSON.stringify(this.counts());
      if (now !== last) movedAt = performance.now();
      last = now;
      if (performance.now() - movedAt > STANDSTILL_MS) return;
      await pause(LOOK_EVERY_MS);
    }
  }

  private confirmed(): number {
    const { watch } = this;
    if (watch === undefined) return 0;
    return this.crowd.recipients.filter(({ key }) => watch.of(key.address).count > 0).length;
  }

  private endStage(stage: string): void {
    const now = performance.now();
    this.stages.push({ stage, seconds: Math.round((now - this.stageSince) / 10) / 100 });
    this.stageSince = now;
  }

  private result(verdict: Verdict): DemoResult {
    const people = this.options.people.length;
    const { invited, registered, paid } = this.counts();
    const everybody = [invited, registered, paid, verdict.confirmedOnLedger].every(
      (count) => count === people,
    );
    return {
      ...verdict,
      people,
      invited,
      registered,
      returning: this.crowd.returning,
      paid,
      status: this.state.status,
      failures: [...new Set(this.crowd.failures)],
      stages: this.stages,
      passed: everybody && verdict.sumsEqual && verdict.doublePaid === 0 && verdict.wrongAmount === 0,
    };
  }
}
