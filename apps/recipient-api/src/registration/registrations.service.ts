import { type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import {
  bindToReceiver,
  hashOneTimeCode,
  hashUnknownContact,
  hashVerificationValue,
  hashWithContact,
  OneTimeCodeRepository,
  RegistrationRepository,
} from '@libs/receivers';
import { Inject, Injectable } from '@nestjs/common';

import { type RecipientSettings, SETTINGS } from '../recipient-settings';
import type { WalletSession } from '../tokens/wallet-tokens';
import { CompletedRegistrations } from './completed-registrations.service';
import { channelOf } from './contact';
import { ContactQueue } from './contact-queue';
import type { RegistrationForm } from './registration-form';
import {
  type RegistrationInfo,
  type RegistrationLookup,
  RegistrationReadModel,
} from './registration.read-model';

export const REGISTRATION_OUTCOMES = [
  'registered',
  'already_registered',
  'code_wrong',
  'code_expired',
  'code_exceeded',
  'value_wrong',
  'value_exceeded',
  'address_taken',
  'too_many_at_once',
] as const;
export type RegistrationOutcome = (typeof REGISTRATION_OUTCOMES)[number];

const TEST_CODE = '000000';

interface Known {
  readonly receiverWalletId: string;
  readonly receiverId: string;
  readonly found: RegistrationLookup;
}

/** Registers a wallet for a person who proves that they hold the contact and know what the organisation knows of them. */
@Injectable()
export class RegistrationsService {
  constructor(
    @Inject(SETTINGS) private readonly settings: RecipientSettings,
    private readonly work: UnitOfWork,
    private readonly queue: ContactQueue,
    private readonly readModel: RegistrationReadModel,
    private readonly codes: OneTimeCodeRepository,
    private readonly registrations: RegistrationRepository,
    private readonly completed: CompletedRegistrations,
  ) {}

  async info(context: TenantContext, session: WalletSession): Promise<RegistrationInfo | null> {
    return await this.work.run(context, (tx) => this.readModel.info(tx, session));
  }

  /** Each wrong code and each wrong value is counted, and the count is committed with the refusal. */
  async register(
    context: TenantContext,
    session: WalletSession,
    form: RegistrationForm,
  ): Promise<RegistrationOutcome> {
    const outcome = await this.queue.pass(`${context.tenantId}|${form.contact.value}`, () =>
      this.work.run(context, (tx) => this.within(tx, session, form)),
    );
    return outcome ?? 'too_many_at_once';
  }

  private async within(
    tx: TenantTx,
    session: WalletSession,
    form: RegistrationForm,
  ): Promise<RegistrationOutcome> {
    const found = await this.readModel.lookup(tx, form.contact, session.clientDomain);
    const person = knownPerson(found);
    const isRegistered = person !== null && person.found.status === 'REGISTERED';
    // Registered with this very account: there is nothing to prove but who they are. With any other one it is
    // nobody's business that they are registered.
    if (isRegistered && isSameAccount(person.found, session)) {
      const refusal = await this.checkValue(tx, person, form);
      if (refusal !== null) return refusal;
      await this.completed.repeat(tx, session, person.receiverWalletId);
      return 'already_registered';
    }
    const waiting = person !== null && ['DRAFT', 'READY'].includes(person.found.status ?? '') ? person : null;
    const refusal = await this.checkCode(tx, waiting, { session, form });
    if (refusal !== null || waiting === null) return refusal ?? 'code_wrong';
    const wrong = await this.checkValue(tx, waiting, form);
    if (wrong !== null) return wrong;
    const { receiverWalletId, receiverId } = waiting;
    const confirmedWith = form.contact.value;
    const outcome = await this.completed.complete(tx, session, {
      receiverWalletId,
      receiverId,
      confirmedWith,
    });
    // Flagged or registered a moment ago: as if nobody were known.
    return outcome === 'not_waiting' ? 'value_wrong' : outcome;
  }

  private async checkCode(
    tx: TenantTx,
    person: Known | null,
    { session, form }: { readonly session: WalletSession; readonly form: RegistrationForm },
  ): Promise<RegistrationOutcome | null> {
    const { VERIFICATION_PEPPER, ALLOW_TEST_OTP } = this.settings;
    const { tenantId } = tx;
    const contact = form.contact.value;
    const receiverWalletId = person?.receiverWalletId ?? tenantId;
    const codeHmac = hashOneTimeCode(VERIFICATION_PEPPER, { tenantId, receiverWalletId, contact }, form.code);
    const at = { tenantId, clientDomain: session.clientDomain };
    const owner =
      person === null
        ? { unknownContact: hashUnknownContact(VERIFICATION_PEPPER, at, contact) }
        : { receiverWalletId };
    const isAccepted = ALLOW_TEST_OTP && form.code === TEST_CODE && person !== null;
    switch (await this.codes.attempt(tx, owner, { codeHmac, isAccepted })) {
      case 'right':
        return null;
      case 'wrong':
        return 'code_wrong';
      case 'expired':
        return 'code_expired';
      case 'exceeded':
        return 'code_exceeded';
    }
  }

  private async checkValue(
    tx: TenantTx,
    { receiverId, found }: Known,
    { contact, field, value }: RegistrationForm,
  ): Promise<RegistrationOutcome | null> {
    const contacts = [found.phone_number, found.email].filter((one) => one !== null);
    const claimed = { pepper: this.settings.VERIFICATION_PEPPER, tenantId: tx.tenantId, field, value };
    const verdict = await this.registrations.verify(tx, {
      receiverId,
      field,
      bound: bindToReceiver(hashVerificationValue(claimed), receiverId),
      withContacts: contacts.map((one) => hashWithContact(claimed, one)),
      channel: channelOf(contact),
    });
    if (verdict === 'right') return null;
    return verdict === 'exceeded' ? 'value_exceeded' : 'value_wrong';
  }
}

function knownPerson(found: RegistrationLookup | null): Known | null {
  if (found === null || found.receiver_wallet_id === null || found.receiver_id === null) return null;
  return { receiverWalletId: found.receiver_wallet_id, receiverId: found.receiver_id, found };
}

const isSameAccount = (found: RegistrationLookup, session: WalletSession): boolean =>
  found.stellar_address === session.account && found.stellar_memo === session.memo;
