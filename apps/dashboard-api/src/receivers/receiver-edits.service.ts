import { WalletsRepository } from '@libs/catalogue';
import { noteChange, noteSubject } from '@libs/identity';
import { HttpProblem } from '@libs/http';
import { fieldOf } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import {
  bindToReceiver,
  ContactChanges,
  type ContactConflict,
  type GivenAddress,
  hashVerificationValue,
  ReceiverAddresses,
  ReceiversRepository,
  StaffChanges,
} from '@libs/receivers';
import { Inject, Injectable } from '@nestjs/common';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import type { GivenVerification, ReceiverEdit, ReceiverOrder } from './receiver-body';

const CONFLICTS: Readonly<Record<ContactConflict | 'wallet_address', { error: string; extra: string }>> = {
  email: {
    error: 'The provided email is already associated with another user.',
    extra: 'email must be unique',
  },
  phone_number: {
    error: 'The provided phone number is already associated with another user.',
    extra: 'phone number must be unique',
  },
  wallet_address: {
    error: 'The provided wallet address is already associated with another user.',
    extra: 'wallet address must be unique',
  },
};

/** 409: somebody else of the organisation has this contact or address. */
export function conflictProblem(field: ContactConflict | 'wallet_address'): HttpProblem {
  const { error, extra } = CONFLICTS[field];
  return new HttpProblem(409, { error, extras: { [field]: extra } });
}

/** Adds and changes single receivers, as staff ask for it. */
@Injectable()
export class ReceiverEdits {
  constructor(
    private readonly receivers: ReceiversRepository,
    private readonly addresses: ReceiverAddresses,
    private readonly wallets: WalletsRepository,
    private readonly staffChanges: StaffChanges,
    private readonly contactChanges: ContactChanges,
    @Inject(SETTINGS) private readonly settings: Pick<StaffSettings, 'VERIFICATION_PEPPER'>,
  ) {}

  /** The id of the new receiver. */
  async add(tx: TenantTx, order: ReceiverOrder): Promise<string> {
    const added = await this.receivers.add(tx, order);
    if (!added.ok) throw conflictProblem(added.error);
    const id = added.value;
    await this.setVerifications(tx, id, { given: order.verifications, changedBy: null });
    if (order.wallet !== null) await this.addWallet(tx, id, order.wallet);
    noteSubject(tx, id);
    return id;
  }

  /** False when there is nobody with this id. `userId` answers for the contacts and verification values that are given. */
  async change(tx: TenantTx, id: string, edit: ReceiverEdit, userId: string): Promise<boolean> {
    const { verifications, ...fields } = edit;
    if (fields.email !== undefined || fields.phoneNumber !== undefined)
      await this.contactChanges.lockForChange(tx);
    const before = await this.receivers.lock(tx, id);
    if (before === null) return false;
    await this.receivers.foldArrived(tx, id);
    if (Object.keys(fields).length > 0) {
      const conflict = await this.receivers.change(tx, id, fields);
      if (conflict !== null) throw conflictProblem(conflict);
    }
    await this.setVerifications(tx, id, { given: verifications, changedBy: userId });
    const { email = before.email, phoneNumber = before.phoneNumber } = fields;
    const isReachedElsewhere = email !== before.email || phoneNumber !== before.phoneNumber;
    if (isReachedElsewhere || verifications.length > 0) await this.staffChanges.note(tx, id, userId);
    noteChange(tx, {
      subjectType: 'receivers',
      subjectId: id,
      before: Object.fromEntries(Object.keys(fields).map((name) => [name, fieldOf(before, name)])),
      after: { ...fields, verifications: verifications.map(({ field }) => field).join(', ') },
    });
    return true;
  }

  async foldArrived(tx: TenantTx, id: string): Promise<void> {
    await this.receivers.foldArrived(tx, id);
  }

  private async setVerifications(
    tx: TenantTx,
    receiverId: string,
    { given, changedBy }: { readonly given: readonly GivenVerification[]; readonly changedBy: string | null },
  ): Promise<void> {
    const pepper = this.settings.VERIFICATION_PEPPER;
    for (const { field, value } of given) {
      const hash = hashVerificationValue({ pepper, tenantId: tx.tenantId, field, value });
      const valueHmac = bindToReceiver(hash, receiverId);
      await this.receivers.setVerification(tx, { receiverId, field, valueHmac, changedBy });
    }
  }

  private async addWallet(tx: TenantTx, receiverId: string, given: GivenAddress): Promise<void> {
    const [userManaged] = await this.wallets.list(tx, { userManaged: true });
    if (userManaged === undefined) {
      throw new HttpProblem(400, {
        error: 'validation error',
        extras: { wallets: 'this organization has no user managed wallet' },
      });
    }
    const registered = await this.addresses.register(tx, receiverId, userManaged.id, given);
    if (!registered.ok) throw conflictProblem('wallet_address');
  }
}
