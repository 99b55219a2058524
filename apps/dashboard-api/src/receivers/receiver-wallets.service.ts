import { receiverWalletNewInvitationV1, RECEIVER_WALLET_STATUSES } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import { noteChange } from '@libs/identity';
import { isId } from '@libs/kernel';
import { isAccountAddress, isContractAddress } from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';
import {
  type AddressChange,
  type LockedReceiverWallet,
  ReceiverAddresses,
  ReceiverWalletMoves,
  StaffChanges,
} from '@libs/receivers';
import { Injectable } from '@nestjs/common';

import { memoOf } from './receiver-body';
import { conflictProblem } from './receiver-edits.service';

export interface AddressOrder {
  readonly stellarAddress: unknown;
  /** Undefined: the memo stays. */
  readonly stellarMemo: unknown;
}

const invalid = (error: string): HttpProblem => new HttpProblem(400, { error });

const subject = (id: string): { readonly subjectType: string; readonly subjectId: string } => ({
  subjectType: 'receiver_wallets',
  subjectId: id,
});

/** What staff do with the wallet of a receiver: invite again, unregister, correct an address. */
@Injectable()
export class ReceiverWallets {
  constructor(
    private readonly moves: ReceiverWalletMoves,
    private readonly addresses: ReceiverAddresses,
    private readonly staffChanges: StaffChanges,
    private readonly outbox: Outbox,
  ) {}

  /** Asks for another invitation of somebody who is to register. */
  async inviteAgain(tx: TenantTx, id: string): Promise<LockedReceiverWallet> {
    const wallet = isId(id) ? await this.moves.lock(tx, id) : null;
    if (wallet?.status !== 'READY') throw new HttpProblem(404);
    await this.moves.forgetInvitation(tx, id);
    noteChange(tx, { ...subject(id), before: null, after: { invitation: 'again' } });
    await this.outbox.publish(tx, receiverWalletNewInvitationV1, {
      type: 'retry-receiver-wallet-sms-invitation',
      key: id,
      data: { disbursement_id: null, receiver_wallet_ids: [id] },
    });
    return wallet;
  }

  /** REGISTERED → READY. The person has to register again before they are paid. */
  async setStatus(tx: TenantTx, id: string, status: unknown): Promise<void> {
    const named = typeof status === 'string' ? status.toUpperCase() : null;
    const wanted = RECEIVER_WALLET_STATUSES.find((known) => known === named);
    if (wanted === undefined) {
      throw new HttpProblem(400, {
        error: `invalid status. Valid statuses are: ${RECEIVER_WALLET_STATUSES.join(', ')}`,
      });
    }
    if (wanted !== 'READY') {
      throw new HttpProblem(400, { error: `switching to status "${wanted}" is not supported` });
    }
    const wallet = isId(id) ? await this.moves.lock(tx, id) : null;
    if (wallet === null) throw new HttpProblem(404, { error: 'receiver wallet not found' });
    if (wallet.status !== 'REGISTERED') {
      throw new HttpProblem(400, { error: 'receiver wallet is not registered' });
    }
    if (wallet.isUserManaged) {
      throw new HttpProblem(400, { error: 'user managed wallet cannot be unregistered' });
    }
    // The lock makes a dispatch wait, so what comes from now on is not dispatched to this address any more.
    if (await hasPaymentsInProgress(tx, id)) {
      throw new HttpProblem(400, { error: 'wallet has payments in progress' });
    }
    await this.addresses.unregister(tx, wallet);
    noteChange(tx, {
      ...subject(id),
      before: { status: 'REGISTERED', address: wallet.address },
      after: { status: 'READY', address: null },
    });
  }

  /** `userId` answers for the address. */
  async changeAddress(
    tx: TenantTx,
    { receiverId, id }: { readonly receiverId: string; readonly id: string },
    order: AddressOrder,
    userId: string,
  ): Promise<void> {
    const address = addressOf(order.stellarAddress);
    const wallet = isId(id) ? await this.moves.lock(tx, id) : null;
    if (wallet === null) throw new HttpProblem(404, { error: 'receiver wallet not found' });
    if (wallet.receiverId !== receiverId) {
      throw new HttpProblem(400, { error: 'Receiver wallet does not belong to the specified receiver' });
    }
    if (!wallet.isUserManaged) {
      throw new HttpProblem(400, { error: 'Cannot edit stellar address for non-user-managed wallet' });
    }
    if (wallet.status !== 'REGISTERED') {
      throw new HttpProblem(400, { error: 'receiver wallet is not registered' });
    }
    const memo = memoChange(order.stellarMemo);
    const isFree = await this.addresses.change(tx, wallet, { address, ...memo });
    if (!isFree) throw conflictProblem('wallet_address');
    const after = { address, memo: memo.memo === undefined ? wallet.memo : (memo.memo?.value ?? null) };
    if (address !== wallet.address || after.memo !== wallet.memo) {
      await this.staffChanges.note(tx, receiverId, userId);
    }
    noteChange(tx, { ...subject(id), before: { address: wallet.address, memo: wallet.memo }, after });
  }
}

function addressOf(given: unknown): string {
  if (given === undefined || given === null || given === '') {
    throw invalid('stellar_address is required');
  }
  const address = typeof given === 'string' ? given.trim() : '';
  if (isAccountAddress(address)) return address;
  throw invalid(
    isContractAddress(address)
      ? 'contract addresses are not supported yet'
      : 'stellar_address must be a valid Stellar account or contract address',
  );
}

/** Left out, the memo stays; the empty text takes it away. */
function memoChange(given: unknown): Pick<AddressChange, 'memo'> {
  if (given === undefined || given === null) return {};
  if (given === '') return { memo: null };
  const memo = typeof given === 'string' ? memoOf(given.trim()) : undefined;
  if (memo === undefined) throw invalid('stellar_memo is not a valid memo');
  return { memo };
}

async function hasPaymentsInProgress(tx: TenantTx, receiverWalletId: string): Promise<boolean> {
  const row = await tx.queryOne(
    `SELECT FROM disbursements.payments
      WHERE tenant_id = $1 AND receiver_wallet_id = $2 AND status IN ('READY', 'PENDING', 'PAUSED') LIMIT 1`,
    [tx.tenantId, receiverWalletId],
  );
  return row !== null;
}
