import type { PaymentStatus } from '@libs/contracts';
import { paymentMachine } from '@libs/domain';
import { invariant } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { PUBLISH_TABLE } from '@libs/receivers';

import { emptyingShifts, shiftCounters } from '../disbursement-counters.repository';
import type { FileDifferences } from './file-differences';
import type { UploadTarget } from './uploads.repository';

/** Lines of the copied file: those behind `after` and not behind `upTo`. */
export interface LineRange {
  readonly after: number;
  readonly upTo: number;
}

export const EVERY_LINE: LineRange = { after: -1, upTo: 2_147_483_647 };

/** What can be there before a start: payments that wait, and some that a person cancelled meanwhile. */
export const BEFORE_START: readonly PaymentStatus[] = ['DRAFT', 'CANCELED'];

const CHANGED = 'new.amount <> old.amount';
const counted = (name: string, amount: string, where: string): string =>
  `'${name}', jsonb_build_object('payments', count(*) FILTER (WHERE ${where}),
     'amount', coalesce(sum(${amount}) FILTER (WHERE ${where}), 0)::text)`;

/** Replaces the payments of a disbursement that has not started by those of a copied file. */
export class PublishPayments {
  /** How the copied file differs from what is there of the file before. To be asked while that one is seen. */
  async differences(
    tx: TenantTx,
    previous: { readonly disbursementId: string; readonly fileName: string },
    uploadId: string,
  ): Promise<FileDifferences> {
    const row = await tx.queryOne<{ differences: Omit<FileDifferences, 'previousFileName'> }>(
      `SELECT jsonb_build_object(
                ${counted('previous', 'old.amount', 'old.receiver_id IS NOT NULL')},
                ${counted('added', 'new.amount', 'old.receiver_id IS NULL')},
                ${counted('removed', 'old.amount', 'new.receiver_id IS NULL')},
                'changed', jsonb_build_object('payments', count(*) FILTER (WHERE ${CHANGED}),
                  'amount', coalesce(sum(new.amount) FILTER (WHERE ${CHANGED}), 0)::text,
                  'amountBefore', coalesce(sum(old.amount) FILTER (WHERE ${CHANGED}), 0)::text)) AS differences
         FROM (SELECT receiver_id, amount FROM disbursements.payments
                WHERE tenant_id = $1 AND disbursement_id = $2 AND status = ANY($3) AND upload_id IS DISTINCT FROM $4) old
         FULL JOIN (SELECT receiver_id, amount FROM ${PUBLISH_TABLE}) new ON new.receiver_id = old.receiver_id`,
      [tx.tenantId, previous.disbursementId, BEFORE_START, uploadId],
    );
    invariant(row !== null, 'an aggregate has one row');
    return { previousFileName: previous.fileName, ...row.differences };
  }

  /** Adds the payments of some lines. Whoever calls it for a part of them has hidden the upload before. */
  async add(tx: TenantTx, target: UploadTarget, uploadId: string, lines: LineRange): Promise<void> {
    const [status = 'DRAFT'] = paymentMachine.initial;
    await tx.execute(
      `INSERT INTO disbursements.payments
              (tenant_id, id, type, disbursement_id, upload_id, receiver_id, receiver_wallet_id, asset_id, amount,
               external_payment_id, status, status_history)
       SELECT $1, u.payment_id, 'DISBURSEMENT', $2, $3, u.receiver_id, u.receiver_wallet_id, $4, u.amount,
              u.external_payment_id, $5, (SELECT history_entry($5, $6, ''))
         FROM ${PUBLISH_TABLE} u WHERE u.line > $7 AND u.line <= $8 ORDER BY u.line`,
      [tx.tenantId, target.id, uploadId, target.assetId, status, tx.actor, lines.after, lines.upTo],
    );
    await tx.execute(
      `INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text)
       SELECT $1, u.payment_id, lower(u.external_payment_id) FROM ${PUBLISH_TABLE} u
        WHERE u.external_payment_id IS NOT NULL AND u.line > $2 AND u.line <= $3 ORDER BY u.line`,
      [tx.tenantId, lines.after, lines.upTo],
    );
  }

  /** Puts the payments of the file in the place of all that the disbursement, which the caller has locked, had before. */
  async count(
    tx: TenantTx,
    disbursementId: string,
    upload: { readonly rows: number; readonly total: bigint },
  ): Promise<void> {
    const [status = 'DRAFT'] = paymentMachine.initial;
    const gone = await emptyingShifts(tx, disbursementId);
    const added = { disbursementId, status, count: upload.rows, amount: upload.total };
    await shiftCounters(tx, [...gone, added]);
  }
}
