import type { Channel, DryRunOutboxRepository, Messenger } from '@libs/messages';
import type { UnitOfWork } from '@libs/persistence';

import type { MessagingSettings } from '../messaging-settings';
import { DryRunMessenger } from './dry-run-messenger.adapter';

/** The provider of each channel, as the settings name it. */
export function messengersOf(
  settings: Pick<MessagingSettings, 'SMS_SENDER_TYPE' | 'EMAIL_SENDER_TYPE'>,
  work: UnitOfWork,
  outbox: DryRunOutboxRepository,
): Readonly<Record<Channel, Messenger>> {
  const providers: Readonly<Record<'DRY_RUN', Messenger>> = { DRY_RUN: new DryRunMessenger(work, outbox) };
  return { SMS: providers[settings.SMS_SENDER_TYPE], EMAIL: providers[settings.EMAIL_SENDER_TYPE] };
}
