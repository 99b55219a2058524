import type { VerificationField } from '@libs/contracts';
import { type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import {
  hashOneTimeCode,
  hashUnknownContact,
  newOneTimeCode,
  OneTimeCodeRepository,
  RegistrationRepository,
} from '@libs/receivers';
import { Inject, Injectable } from '@nestjs/common';

import { type RecipientSettings, SETTINGS } from '../recipient-settings';
import type { WalletSession } from '../tokens/wallet-tokens';
import { CodeMessages } from './code-messages.service';
import type { Contact } from './contact';
import { ContactQueue } from './contact-queue';
import { decoyField } from './decoy-field';
import { type RegistrationLookup, RegistrationReadModel } from './registration.read-model';

/** A person who may get a code: known, and waiting for registration. */
interface WaitingPerson {
  readonly receiverWalletId: string;
  readonly receiverId: string;
  readonly walletId: string | null;
}

/** Sends one-time codes to people we know, and behaves in the same way towards everybody else. */
@Injectable()
export class CodeRequestsService {
  constructor(
    @Inject(SETTINGS) private readonly settings: RecipientSettings,
    private readonly work: UnitOfWork,
    private readonly queue: ContactQueue,
    private readonly readModel: RegistrationReadModel,
    private readonly codes: OneTimeCodeRepository,
    private readonly registrations: RegistrationRepository,
    private readonly codeMessages: CodeMessages,
  ) {}

  /** What the person will be asked for besides the code. Null: too many requests for this contact at once. */
  async request(
    context: TenantContext,
    session: WalletSession,
    contact: Contact,
  ): Promise<VerificationField | null> {
    return await this.queue.pass(`${context.tenantId}|${contact.value}`, () =>
      this.work.run(context, (tx) => this.within(tx, session, contact)),
    );
  }

  private async within(tx: TenantTx, session: WalletSession, contact: Contact): Promise<VerificationField> {
    const { clientDomain } = session;
    const contactHmac = hashUnknownContact(
      this.settings.VERIFICATION_PEPPER,
      { tenantId: tx.tenantId, clientDomain },
      contact.value,
    );
    const found = await this.readModel.lookup(tx, contact, clientDomain);
    const person = waiting(found);
    // Both roads cost the same: a code row, a row that is kept, one more statement.
    if (found === null || person === null) await this.noteUnknown(tx, session, contactHmac);
    else await this.sendCode(tx, { found, person, contact });
    return found?.verification_field ?? decoyField(found?.fields_in_use ?? null, contactHmac);
  }

  private async sendCode(
    tx: TenantTx,
    to: { readonly found: RegistrationLookup; readonly person: WaitingPerson; readonly contact: Contact },
  ): Promise<void> {
    const { found, person, contact } = to;
    const code = newOneTimeCode();
    const hmac = hashOneTimeCode(
      this.settings.VERIFICATION_PEPPER,
      { tenantId: tx.tenantId, receiverWalletId: person.receiverWalletId, contact: contact.value },
      code,
    );
    const isIssued = await this.codes.issue(tx, { receiverWalletId: person.receiverWalletId }, hmac);
    if (!isIssued) return;
    await this.codeMessages.store(tx, {
      code,
      contact,
      organizationName: found.organization_name,
      template: found.otp_message_template,
      ...person,
    });
  }

  private async noteUnknown(tx: TenantTx, session: WalletSession, contactHmac: Uint8Array): Promise<void> {
    await this.codes.issue(tx, { unknownContact: contactHmac }, contactHmac);
    await this.registrations.noteUnknown(tx, {
      contactHmac,
      clientDomain: session.clientDomain,
      depositId: session.id,
      stellarAddress: session.account,
      stellarMemo: session.memo,
    });
    await this.codes.forgetUnknown(tx, FORGOTTEN_AT_ONCE);
  }
}

const FORGOTTEN_AT_ONCE = 10;

function waiting(found: RegistrationLookup | null): WaitingPerson | null {
  if (found === null || found.receiver_wallet_id === null || found.receiver_id === null) return null;
  if (found.status !== 'DRAFT' && found.status !== 'READY') return null;
  return {
    receiverWalletId: found.receiver_wallet_id,
    receiverId: found.receiver_id,
    walletId: found.wallet_id,
  };
}
