import { messagesMigrations as messageTablesMigrations } from './migrations/messages.migration';
import { messageRetentionMigrations } from './migrations/retention.migration';
import { restingMessagesMigrations } from './migrations/resting-messages.migration';
import { messageVacuumMigrations } from './migrations/vacuum.migration';

export { DryRunOutboxRepository, type DryRunMessage, type DryRunQuery } from './dry-run-outbox.repository';
export {
  type Channel,
  channelsFor,
  contactFor,
  type Contacts,
  type InvitationCause,
  MESSAGE_KINDS,
  type MessageKind,
  type NewMessage,
  type TakenMessage,
} from './message';
export { MessageRepository } from './message.repository';
export { Messenger, type OutgoingMessage, type SendOutcome } from './messenger.port';
export { OldMessagesRepository } from './old-messages.repository';
export { type LinkSigner, type RegistrationLink, registrationLink } from './registration-link';
export {
  type Delivered,
  type DeliveredRow,
  type MessageRef,
  NOT_WANTED,
  RESTING,
  SendQueueRepository,
  type Taken,
  type Undelivered,
  UNREADABLE,
  type UnreadableMessage,
} from './send-queue.repository';
export { ShortLinkRepository } from './short-link.repository';
export { invitationText, type MessageText, oneTimeCodeText } from './templates';

export const messagesMigrations = [
  ...messageTablesMigrations,
  ...messageRetentionMigrations,
  ...messageVacuumMigrations,
  ...restingMessagesMigrations,
];
