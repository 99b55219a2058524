import { HttpProblem } from '@libs/http';
import { fieldOf } from '@libs/kernel';

import type { RecipientChanges } from './recipient-changes.read-model';

/** What staff changed of who gets the money, and what of it the approver says to have seen. */
export interface SeenRecipients {
  readonly changes: RecipientChanges | null;
  /** The version of the changes that they name; null for none. */
  readonly seen: string | null;
  /** They name what they have reviewed, so they are held to it also where nobody has to approve. */
  readonly isReviewed: boolean;
  /** The route that shows the changes. */
  readonly shownBy: string;
}

const VERSION = /^[0-9a-f]{64}$/;

/** `recipient_changes` of a start or an approval: which changes its approver has seen; null where they name none. */
export function readSeenChanges(body: unknown): string | null {
  const version = fieldOf(body, 'recipient_changes');
  if (version === undefined || version === null) return null;
  if (typeof version === 'string' && VERSION.test(version)) return version;
  throw new HttpProblem(400, {
    extras: { recipient_changes: 'recipient_changes must be the version that is shown with the changes' },
  });
}

/** Throws a 409 unless the approver has seen the changes. */
export function assertSeen({ changes, seen, shownBy }: SeenRecipients): void {
  if (changes === null || changes.version === seen) return;
  const who = changes.receivers === 1 ? '1 recipient' : `${String(changes.receivers)} recipients`;
  throw new HttpProblem(409, {
    error: `the address, contact or verification of ${who} was changed since this was made: look at ${shownBy} again, and name the version of its recipient_changes`,
  });
}

export function recipientChangesJson(changes: RecipientChanges | null): object | null {
  if (changes === null) return null;
  const { version, receivers, newest } = changes;
  const changed = newest.map((change) => ({ ...change, changed_at: new Date(change.changed_at) }));
  return { version, receivers, newest: changed };
}
