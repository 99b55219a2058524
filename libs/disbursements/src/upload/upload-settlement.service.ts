import { LOWEST_ID } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { LostArrivals, PublishReceivers } from '@libs/receivers';

import type { LeftUpload, SettlementPlace } from './upload-remains.repository';
import type { UploadStores } from './upload-stores';

/** `waits`: somebody else holds what comes next. */
export type Settled = 'some' | 'all' | 'waits';

/**
 * Does what is left to do for an upload that has ended, or whose process is gone, some at a time, each in a database transaction of its
 * own that keeps its place: of one that was not published its payments, bytes and people are taken away; after a
 * publication the addresses and values that it brought are folded, and those who were invited before are to be invited again.
 */
export class UploadSettlement {
  private readonly arrivals = new LostArrivals();
  private readonly people = new PublishReceivers();

  constructor(private readonly stores: UploadStores) {}

  async some(tx: TenantTx, uploadId: string): Promise<Settled> {
    const { remains, jobs } = this.stores;
    const upload = await remains.giveUp(tx, uploadId);
    if (upload === null) return 'all';
    const place = upload.place ?? beginningOf(upload);
    const next = await this.step(tx, upload, place);
    if (next === place) return 'waits';
    if (next === null) {
      await jobs.settle(tx, uploadId);
      return 'all';
    }
    await remains.keepPlace(tx, uploadId, next);
    return 'some';
  }

  /** From where to go on; the same place when somebody holds what comes next, null when nothing is left. */
  private async step(
    tx: TenantTx,
    upload: LeftUpload,
    place: SettlementPlace,
  ): Promise<SettlementPlace | null> {
    switch (place.of) {
      // Before its people: who is paid stays.
      case 'payments': {
        const from = await this.removePayments(tx, upload, place.from);
        if (from !== null) return { of: 'payments', from };
        return upload.broughtPeople ? { of: 'people', from: LostArrivals.start } : null;
      }
      case 'people': {
        const from = await this.arrivals.sweep(tx, upload.id, place.from);
        if (from === place.from) return place;
        return from === null ? null : { of: 'people', from };
      }
      case 'addresses': {
        const from = await this.people.addresses.foldSome(tx, upload.id, place.from);
        return from === null ? { of: 'values', from: LOWEST_ID } : { of: 'addresses', from };
      }
      case 'values': {
        const from = await this.people.values.foldSome(tx, upload.id, place.from);
        return from === null ? { of: 'invitations', from: LOWEST_ID } : { of: 'values', from };
      }
      case 'invitations': {
        const from = await this.inviteAgain(tx, upload, place.from);
        return from === null ? null : { of: 'invitations', from };
      }
    }
  }

  private async removePayments(
    tx: TenantTx,
    { id, disbursementId, isKept }: LeftUpload,
    from: (SettlementPlace & { readonly of: 'payments' })['from'],
  ): Promise<(SettlementPlace & { readonly of: 'payments' })['from']> {
    const { hidden, parts } = this.stores;
    if ((await hidden.find(tx, id)) !== null) {
      const next = await hidden.removePayments(tx, { disbursementId, uploadId: id }, from);
      if (next !== null) return next;
      await hidden.forget(tx, id);
    }
    if (!isKept) await parts.remove(tx, id);
    return null;
  }

  private async inviteAgain(tx: TenantTx, upload: LeftUpload, after: string): Promise<string | null> {
    const { publishedAt } = upload;
    if (publishedAt === null) return null;
    const { walletIds, last } = await this.stores.remains.paidWallets(tx, upload, after);
    await this.people.inviteWalletsAgain(tx, walletIds, publishedAt);
    return last;
  }
}

const beginningOf = ({ publishedAt }: LeftUpload): SettlementPlace =>
  publishedAt === null ? { of: 'payments', from: null } : { of: 'addresses', from: LOWEST_ID };
