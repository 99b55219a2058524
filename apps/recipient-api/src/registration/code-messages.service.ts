import { messagesRequestedV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { Clock, newId } from '@libs/kernel';
import { channelsFor, MessageRepository, oneTimeCodeText } from '@libs/messages';
import type { TenantTx } from '@libs/persistence';
import { CODE_LIFETIME_SECONDS } from '@libs/receivers';
import { Injectable } from '@nestjs/common';

import { channelOf, type Contact } from './contact';

export interface CodeToSend {
  readonly code: string;
  readonly contact: Contact;
  readonly organizationName: string;
  readonly template: string;
  readonly receiverId: string;
  readonly receiverWalletId: string;
  readonly walletId: string | null;
}

/** Writes the message that carries a code, and the event that has it sent at once. */
@Injectable()
export class CodeMessages {
  constructor(
    private readonly messages: MessageRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async store(tx: TenantTx, toSend: CodeToSend): Promise<void> {
    const { contact, code, organizationName, template } = toSend;
    // To the contact that was given, not to another one of the same person: it is what the code proves.
    const contacts = {
      phoneNumber: contact.kind === 'PHONE_NUMBER' ? contact.value : null,
      email: contact.kind === 'EMAIL' ? contact.value : null,
    };
    const id = newId();
    await this.messages.store(tx, [
      {
        id,
        kind: 'one_time_code',
        contacts,
        channels: channelsFor(contacts, [channelOf(contact)]),
        ...oneTimeCodeText({ template, organizationName, code }),
        receiverId: toSend.receiverId,
        receiverWalletId: toSend.receiverWalletId,
        walletId: toSend.walletId ?? undefined,
        expiresAt: new Date(this.clock.now().getTime() + CODE_LIFETIME_SECONDS * 1_000),
      },
    ]);
    await this.outbox.publish(tx, messagesRequestedV1, {
      type: 'messages-requested',
      key: id,
      data: { message_ids: [id] },
    });
  }
}
