import { errorText } from './error-text';
import type { LedgerAsset } from './ledger-client';
import { Recipient, type World } from './recipient';
import type { Person } from '../people/person';
import { Turnstile } from './turnstile';

/** So many people are at the registration at once; the others wait their turn. */
const REGISTERING_AT_ONCE = 64;
/** Opening a wallet is mostly waiting for ledgers to close. */
const OPENING_AT_ONCE = 500;

/** Everybody in the file, each living her own small life at the same time. */
export class Crowd {
  readonly recipients: readonly Recipient[];
  /** Why somebody could not register, in words without personal data. */
  readonly failures: string[] = [];
  private invitedCount = 0;
  private registeredCount = 0;
  private returningCount = 0;

  constructor(
    people: readonly Person[],
    private readonly world: World,
  ) {
    this.recipients = people.map((person) => new Recipient(person, world));
  }

  get invited(): number {
    return this.invitedCount;
  }
  get registered(): number {
    return this.registeredCount;
  }
  /** Those who had registered before this run. */
  get returning(): number {
    return this.returningCount;
  }

  async openWallets(asset: LedgerAsset): Promise<void> {
    const door = new Turnstile(OPENING_AT_ONCE);
    await Promise.all(this.recipients.map((recipient) => door.pass(() => recipient.openWallet(asset))));
  }

  /** Each waits for her invitation and registers, but for those who have done so before. */
  async register(registeredBefore: ReadonlySet<string>): Promise<void> {
    const door = new Turnstile(REGISTERING_AT_ONCE);
    await Promise.all(
      this.recipients
        .map(async (recipient) => {
          if (registeredBefore.has(recipient.person.phone)) {
            this.invitedCount += 1;
            this.returningCount += 1;
          } else {
            await recipient.waitForInvitation();
            this.invitedCount += 1;
            await door.pass(() => recipient.register());
          }
          this.registeredCount += 1;
        })
        .map((life) => life.catch((error: unknown) => void this.failures.push(errorText(error)))),
    );
  }
}
