import { setTimeout as pause } from 'node:timers/promises';

import type { Person } from '../people/person';
import { LedgerKey } from '../stellar/ledger-key';
import type { HttpClient } from './http-client';
import type { Inbox, Message } from './inbox';
import { isGenuine, linkIn, readInvitation } from './invitation';
import { UnexpectedAnswerError } from './json';
import type { LedgerAsset, LedgerClient } from './ledger-client';
import { RegistrationClient } from './registration-client';
import { WalletSession } from './wallet-session';

/** What the simulated people share: the phone network, the ledger, their wallet provider. */
export interface World {
  readonly http: HttpClient;
  readonly ledger: LedgerClient;
  readonly inbox: Inbox;
  readonly wallet: { readonly domain: string; readonly signUrl: string };
  /** The people's ledger keys are derived from it, so that they are the same in the next run. */
  readonly secret: string;
}

const TRIES_MAX = 8;
const REST_MS = 700;
const INVITATION_WITHIN_MS = 600_000;
const CODE_WITHIN_MS = 20_000;
const CODE = /\b\d{6}\b/;
const WRONG_OR_EXPIRED_CODE = new Set(['400_4', '400_5', '400_6']);

const isInvitation = (message: Message): boolean => linkIn(message.body) !== undefined;
const isCode = (message: Message): boolean => !isInvitation(message) && CODE.test(message.body);

/** One person with a phone and a wallet, who does what people do, over HTTP. */
export class Recipient {
  readonly key: LedgerKey;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly person: Person,
    private readonly world: World,
  ) {
    this.key = LedgerKey.derived(world.secret, person.phone);
    this.headers = { 'x-forwarded-for': addressOf(person.number) };
  }

  static isInvited(inbox: Inbox, person: Person): boolean {
    return inbox.find(person.phone, isInvitation) !== undefined;
  }

  /** Opens a wallet that can hold the asset. */
  async openWallet(asset: LedgerAsset): Promise<void> {
    await this.world.ledger.fund(this.key.address);
    await this.world.ledger.trust(this.key, asset);
  }

  async waitForInvitation(): Promise<void> {
    const message = await this.world.inbox.next(this.person.phone, isInvitation, INVITATION_WITHIN_MS);
    if (message === undefined) throw new Error('no invitation came');
  }

  /** From the link to "done". Starts again from the link when something is refused, as people do. */
  async register(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.tryToRegister();
        return;
      } catch (error) {
        if (attempt >= TRIES_MAX) throw error;
        await pause(REST_MS * attempt);
      }
    }
  }

  private async tryToRegister(): Promise<void> {
    const { http, wallet } = this.world;
    const link = await this.registrationLink();
    const invitation = readInvitation(link);
    const session = new WalletSession({ http, wallet, key: this.key, headers: this.headers });
    const server = await session.open(invitation.domain);
    if (!isGenuine(link, server.signingKey)) throw new Error('the link was not signed by the organisation');
    const interactiveUrl = await session.deposit(server, invitation.assetCode);
    await this.proveIdentity(new RegistrationClient({ http, interactiveUrl, headers: this.headers }));
  }

  /** The text holds a short link, which leads to the signed one. */
  private async registrationLink(): Promise<string> {
    const message = this.world.inbox.find(this.person.phone, isInvitation);
    const link = linkIn(message?.body ?? '');
    if (link === undefined) throw new Error('there is no link in the invitation');
    if (new URL(link).searchParams.has('signature')) return link;
    const answer = await this.world.http.send({ url: link, headers: this.headers });
    const target = answer.headers.location;
    if (target === undefined)
      throw new UnexpectedAnswerError('follow the link', answer.status, undefined, '');
    return target;
  }

  private async proveIdentity(registration: RegistrationClient): Promise<void> {
    await registration.openPage();
    const last = this.world.inbox.find(this.person.phone, isCode)?.id ?? '';
    const field = await registration.askForCode(this.person.phone);
    await this.enterCode(registration, { field, newerThan: last });
  }

  /** When two codes are on their way, only the second is valid: a refused one is followed by the next. */
  private async enterCode(
    registration: RegistrationClient,
    { field, newerThan }: { readonly field: string; readonly newerThan: string },
  ): Promise<void> {
    const isNew = (message: Message): boolean => isCode(message) && message.id > newerThan;
    const message = await this.world.inbox.next(this.person.phone, isNew, CODE_WITHIN_MS);
    const code = CODE.exec(message?.body ?? '')?.[0];
    if (message === undefined || code === undefined) throw new Error('no code came');
    try {
      const { phone, dateOfBirth } = this.person;
      await registration.submit({ phone, code, verification: dateOfBirth, field });
    } catch (error) {
      const refused =
        error instanceof UnexpectedAnswerError && WRONG_OR_EXPIRED_CODE.has(error.errorCode ?? '');
      const newer = this.world.inbox.find(
        this.person.phone,
        (other) => isCode(other) && other.id > message.id,
      );
      if (!refused || newer === undefined) throw error;
      await this.enterCode(registration, { field, newerThan: message.id });
    }
  }
}

/** An address of her own, as the one proxy in front of a real installation would name it. */
const addressOf = (number: number): string =>
  `10.${String((number >> 16) & 255)}.${String((number >> 8) & 255)}.${String(number & 255)}`;
