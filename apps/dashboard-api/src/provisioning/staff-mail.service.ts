import { messagesRequestedV1 } from '@libs/contracts';
import { newId } from '@libs/kernel';
import type { MessageRepository } from '@libs/messages';
import type { TenantTx } from '@libs/persistence';

import type { Outbox } from '@libs/eventing';

export interface StaffLetter {
  readonly email: string;
  readonly title: string;
  readonly body: string;
  /** After this time it is not sent any more. */
  readonly expiresAt?: Date;
}

/** Mail to people who work for an organisation: stored sealed, sent by messaging. */
export class StaffMail {
  constructor(
    private readonly messages: MessageRepository,
    private readonly outbox: Outbox,
  ) {}

  async send(tx: TenantTx, letter: StaffLetter): Promise<void> {
    const id = newId();
    await this.messages.store(tx, [
      {
        id,
        kind: 'staff',
        contacts: { phoneNumber: null, email: letter.email },
        channels: ['EMAIL'],
        title: letter.title,
        body: letter.body,
        expiresAt: letter.expiresAt,
      },
    ]);
    await this.outbox.publish(tx, messagesRequestedV1, {
      type: 'messages-requested',
      key: id,
      data: { message_ids: [id] },
    });
  }

  /** The letter that tells a new person where to choose a password. */
  async invite(
    tx: TenantTx,
    invitation: {
      readonly email: string;
      readonly firstName: string;
      readonly organizationName: string;
      readonly uiBaseUrl: string;
    },
  ): Promise<void> {
    await this.send(tx, {
      email: invitation.email,
      title: `Your account at ${invitation.organizationName}`,
      body:
        `Hello ${invitation.firstName},\n\n${invitation.organizationName} has opened an account for you. ` +
        `Choose a password here to begin: ${invitation.uiBaseUrl}/forgot-password\n`,
    });
  }
}
