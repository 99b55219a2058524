import { ViolationError } from '../simulation/simulated-core';
import type { CoreStandIn } from './core-stand-in';
import type { PaidOperation } from './own-network';

/**
 * I1, I3 and I4: what was ordered and told against everything that ever left the paying account. Each payment has an amount
 * of its own, so the ledger says which one it is.
 */
export function checkLedger(
  core: Pick<CoreStandIn, 'payments' | 'told'>,
  operations: readonly PaidOperation[],
): void {
  const paid = Map.groupBy(operations, (one) => one.amount);
  for (const { amount, destination, dispatch, id } of core.payments) {
    const mine = paid.get(amount) ?? [];
    paid.delete(amount);
    if (mine.length > 1)
      throw new ViolationError('I1', `payment ${id} was paid ${String(mine.length)} times`);
    const told = core.told.get(`${id}/${String(dispatch)}`);
    const [only] = mine;
    if (only !== undefined && only.to !== destination) {
      throw new ViolationError('I3', `payment ${id} went to ${only.to} instead of ${destination}`);
    }
    if (told === 'SUCCESS' && only === undefined)
      throw new ViolationError('I3', `${id} is SUCCESS and unpaid`);
    if (told === 'FAILED' && only !== undefined)
      throw new ViolationError('I3', `${id} is FAILED and was paid`);
  }
  const [stray] = paid.values();
  if (stray?.[0] !== undefined) {
    throw new ViolationError('I4', `nobody ordered the payment of ${String(stray[0].amount)} stroops`);
  }
}
