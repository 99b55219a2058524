import type { Memo } from '@libs/ledger';
import type { QueuedSubmission } from '@libs/submissions';

const keyOf = ({
  memo,
  regroupId,
}: {
  readonly memo: Memo | null;
  readonly regroupId: string | null;
}): string => `${regroupId ?? ''}|${memo === null ? '' : `${memo.type}:${memo.value}`}`;

/**
 * Cuts submissions of one tenant and account into groups that can share a ledger transaction: the same memo, at most
 * `max` payments, and never more than any member bears after it failed in a larger group. What shared a failed ledger
 * transaction goes with its own only. Order is kept within a group.
 */
export function groupForSigning(
  submissions: readonly QueuedSubmission[],
  max: number,
): readonly (readonly QueuedSubmission[])[] {
  const byKey = new Map<string, QueuedSubmission[]>();
  for (const one of submissions) {
    const key = keyOf(one);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [one]);
    else same.push(one);
  }
  return [...byKey.values()].flatMap((same) => cut(same, max));
}

function cut(submissions: readonly QueuedSubmission[], max: number): QueuedSubmission[][] {
  const limitOf = (one: QueuedSubmission): number => Math.min(max, one.groupMax ?? max);
  const groups: QueuedSubmission[][] = [];
  // Those that bear the least company first, so that they do not make the groups of others small.
  const ordered = [...submissions].sort((one, other) => limitOf(one) - limitOf(other));
  let group: QueuedSubmission[] = [];
  for (const one of ordered) {
    const [first] = group;
    if (first !== undefined && group.length >= limitOf(first)) {
      groups.push(group);
      group = [];
    }
    group.push(one);
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
