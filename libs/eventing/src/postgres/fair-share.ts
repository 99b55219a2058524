/**
 * Which partitions belong to one of the members of a group, in a way that all members compute alike without talking:
 * partition number n goes to the member n modulo the number of members, in the order of their ids.
 */
export function fairShare(lockIds: readonly number[], members: readonly number[], me: number): number[] {
  const order = [...new Set(members)].sort((one, other) => one - other);
  const mine = order.indexOf(me);
  if (mine < 0) return [];
  return lockIds.filter((lockId) => lockId % order.length === mine);
}
