import type { DisbursementStatus } from '@libs/contracts';
import type { FileDifferences } from '@libs/disbursements';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { STARTERS } from '../access/route-access';
import { type RecipientChanges, RecipientChangesReadModel } from './recipient-changes.read-model';

/** What somebody has to know who approves a disbursement. Sums in stroops. */
export interface DisbursementReview {
  readonly id: string;
  readonly name: string;
  readonly status: DisbursementStatus;
  readonly asset: { readonly code: string; readonly issuer: string };
  readonly file: {
    readonly id: string;
    readonly name: string;
    readonly uploaded_at: Date;
    readonly differences: FileDifferences | null;
  } | null;
  /** Without cancelled ones. */
  readonly payments: number;
  readonly total: bigint;
  readonly largest: {
    readonly payment_id: string;
    readonly receiver_id: string;
    readonly external_id: string;
    readonly amount: bigint;
  } | null;
  /** People to whom this organisation has never paid anything. */
  readonly newReceivers: number;
  /** What staff changed of its people since it was last started, or else since it was made. */
  readonly changes: RecipientChanges | null;
  /** Who approved this file with these changes and still may, in the order of their approvals. */
  readonly approvals: readonly Approver[];
}

export interface Approver {
  readonly id: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly approved_at: Date;
}

interface HeadRow {
  readonly id: string;
  readonly name: string;
  readonly status: DisbursementStatus;
  readonly code: string;
  readonly issuer: string;
  readonly payments: number;
  readonly total: string;
  readonly upload_id: string | null;
  readonly file_name: string | null;
  readonly uploaded_at: Date | null;
  readonly differences: FileDifferences | null;
}

interface LargestRow {
  readonly payment_id: string;
  readonly receiver_id: string;
  readonly external_id: string;
  readonly amount: bigint;
}

const LIVE = ['draft', 'ready', 'pending', 'paused', 'success', 'failed'];

/** Sums up a disbursement for its approver. Over a million payments it takes some seconds, once per look. */
@Injectable()
export class DisbursementReviewReadModel {
  constructor(private readonly changes: RecipientChangesReadModel) {}

  async find(tx: TenantTx, id: string): Promise<DisbursementReview | null> {
    const head = await tx.queryOne<HeadRow>(
      `SELECT d.id, d.name, d.status, a.code, a.issuer, ${LIVE.map((status) => `d.count_${status}`).join(' + ')} AS payments,
              (${LIVE.map((status) => `d.amount_${status}`).join(' + ')})::text AS total,
              u.id AS upload_id, u.file_name, u.created_at AS uploaded_at, u.differences
         FROM disbursements.disbursements d
         JOIN catalogue.assets a ON a.tenant_id = d.tenant_id AND a.id = d.asset_id
         LEFT JOIN disbursements.uploads u ON u.tenant_id = d.tenant_id AND u.id = d.current_upload_id
        WHERE d.tenant_id = $1 AND d.id = $2`,
      [tx.tenantId, id],
    );
    if (head === null) return null;
    const { upload_id: uploadId, file_name: fileName, uploaded_at: uploadedAt } = head;
    const changes = await this.changes.ofDisbursement(tx, id);
    const version = changes?.version ?? uploadId;
    return {
      id: head.id,
      name: head.name,
      status: head.status,
      asset: { code: head.code, issuer: head.issuer },
      file:
        uploadId === null || fileName === null || uploadedAt === null
          ? null
          : { id: uploadId, name: fileName, uploaded_at: uploadedAt, differences: head.differences },
      payments: head.payments,
      total: BigInt(head.total),
      largest: await this.largest(tx, id),
      newReceivers: await this.newReceivers(tx, id),
      changes,
      approvals: version === null ? [] : await this.approvals(tx, id, version),
    };
  }

  private async largest(tx: TenantTx, id: string): Promise<LargestRow | null> {
    return await tx.queryOne<LargestRow>(
      `SELECT p.id AS payment_id, p.receiver_id, r.external_id, p.amount
         FROM (SELECT id, receiver_id, amount FROM disbursements.payments
                WHERE tenant_id = $1 AND disbursement_id = $2 AND status <> 'CANCELED'
                ORDER BY amount DESC, id LIMIT 1) p
         JOIN receivers.receivers r ON r.tenant_id = $1 AND r.id = p.receiver_id`,
      [tx.tenantId, id],
    );
  }

  private async newReceivers(tx: TenantTx, id: string): Promise<number> {
    const row = await tx.queryOne<{ count: number }>(
      `SELECT count(DISTINCT p.receiver_id)::integer AS count FROM disbursements.payments p
        WHERE p.tenant_id = $1 AND p.disbursement_id = $2 AND p.status <> 'CANCELED' AND NOT EXISTS (
          SELECT FROM disbursements.payments paid
           WHERE paid.tenant_id = $1 AND paid.receiver_id = p.receiver_id AND paid.status = 'SUCCESS')`,
      [tx.tenantId, id],
    );
    return row?.count ?? 0;
  }

  private async approvals(tx: TenantTx, id: string, version: string): Promise<readonly Approver[]> {
    return await tx.query<Approver & Record<string, unknown>>(
      `SELECT u.id, u.first_name, u.last_name, a.created_at AS approved_at
         FROM disbursements.approvals a JOIN identity.users u ON u.tenant_id = a.tenant_id AND u.id = a.approver_id
        WHERE a.tenant_id = $1 AND a.subject_id = $2 AND a.version = $3
          AND u.is_active AND (u.is_owner OR u.roles && $4::text[]) ORDER BY a.created_at, u.id`,
      [tx.tenantId, id, version, STARTERS],
    );
  }
}
