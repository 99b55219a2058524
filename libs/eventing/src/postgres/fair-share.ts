/**
 * Which partitions belong to one of the members of a group, in a way that all members compute alike without talking:
 * partitions are dealt out one by one to the members in the order of their ids. `first` says
 * with whom to begin, so that the odd ones of several topics do not all go to one member.
 */
export function fairShare(
  partitions: readonly number[],
  members: readonly number[],
  { me, first = 0 }: { readonly me: number; readonly first?: number },
): number[] {
  const order = [...new Set(members)].sort((one, other) => one - other);
  const mine = order.indexOf(me);
  if (mine < 0) return [];
  return partitions.filter((_, nr) => (nr + first) % order.length === mine);
}
