const CHANNELS = ['SMS', 'EMAIL'] as const;
/** How a message travels. */
export type Channel = (typeof CHANNELS)[number];

export const MESSAGE_KINDS = ['invitation', 'one_time_code', 'staff'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** Where a person can be reached. Never logged, never in an event. */
export interface Contacts {
  readonly phoneNumber: string | null;
  readonly email: string | null;
}

export const contactFor = (contacts: Contacts, channel: Channel): string | null =>
  channel === 'SMS' ? contacts.phoneNumber : contacts.email;

/** The channels by which these contacts can be reached, in the organisation's order of preference. */
export function channelsFor(contacts: Contacts, priority: readonly string[]): Channel[] {
  const preferred = priority.flatMap((name) => CHANNELS.filter((channel) => channel === name));
  const inOrder = new Set<Channel>([...preferred, ...CHANNELS]);
  return [...inOrder].filter((channel) => contactFor(contacts, channel) !== null);
}

/** Why an invitation goes out: for the first time, because nobody answered, or because staff asked. */
export type InvitationCause = 'first' | 'resend' | 'manual';

export interface NewMessage {
  readonly id: string;
  readonly kind: MessageKind;
  readonly contacts: Contacts;
  /** Not empty; see `channelsFor`. */
  readonly channels: readonly Channel[];
  readonly title: string;
  readonly body: string;
  readonly receiverId?: string | undefined;
  readonly receiverWalletId?: string | undefined;
  readonly walletId?: string | undefined;
  readonly assetId?: string | undefined;
  readonly disbursementId?: string | undefined;
  readonly invitation?: { readonly round: number; readonly cause: InvitationCause } | undefined;
  /** After this time it is of no use and is not sent any more. */
  readonly expiresAt?: Date | undefined;
}

/** A message that a sender holds: SENDING, its `try`-th time. */
export interface TakenMessage {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: MessageKind;
  readonly tryNumber: number;
  readonly contacts: Contacts;
  readonly channels: readonly Channel[];
  readonly title: string;
  readonly body: string;
  readonly trace: string;
}
