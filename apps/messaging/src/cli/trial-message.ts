import { isId, newId } from '@libs/kernel';
import type { Channel, Messenger, SendOutcome } from '@libs/messages';
import { looksLikePhoneNumber, readEmail } from '@libs/receivers';

export interface TrialMessage {
  readonly tenantId: string;
  readonly phoneNumber: string;
  readonly email: string;
  readonly title: string;
  readonly message: string;
}

const WITHIN_MS = 15_000;

/** What is wrong with a message, one sentence each. */
export function mistakesOf({
  tenantId,
  phoneNumber,
  email,
  message,
  title,
}: TrialMessage): readonly string[] {
  return [
    ...(isId(tenantId) ? [] : ['--tenant-id must be the id of a tenant']),
    ...((phoneNumber === '') === (email === '') ? ['give either --phone-number or --email'] : []),
    ...(phoneNumber === '' || looksLikePhoneNumber(phoneNumber)
      ? []
      : ['--phone-number must look like +254710000001']),
    ...(email === '' || readEmail(email) !== null ? [] : [`${email} is not an e-mail address`]),
    ...(message.trim() === '' ? ['--message must say something'] : []),
    ...(email !== '' && title.trim() === '' ? ['a mail needs a --title'] : []),
  ];
}

/** Hands one message to the provider of its channel, now and only once. */
export async function sendTrial(
  { tenantId, phoneNumber, email, title, message }: TrialMessage,
  messengers: Readonly<Record<Channel, Messenger>>,
): Promise<SendOutcome> {
  const channel: Channel = phoneNumber === '' ? 'EMAIL' : 'SMS';
  const outgoing = {
    tenantId,
    messageId: newId(),
    kind: 'staff',
    channel,
    recipient: phoneNumber === '' ? email : phoneNumber,
    title,
    body: message,
  } as const;
  return await messengers[channel].send(outgoing, AbortSignal.timeout(WITHIN_MS));
}
