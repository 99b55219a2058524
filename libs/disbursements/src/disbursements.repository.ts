import type { ContactType, DisbursementStatus, VerificationField } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

export interface NewDisbursement {
  readonly id: string;
  readonly name: string;
  readonly assetId: string;
  readonly walletId: string;
  readonly contactType: ContactType;
  readonly verificationField: VerificationField | null;
  readonly messageTemplate: string;
  readonly createdBy: string;
}

/** What decides whether a disbursement may be started, paused, deleted. */
export interface DisbursementState {
  readonly id: string;
  readonly status: DisbursementStatus;
  readonly walletId: string;
  readonly assetId: string;
  /** Which file it pays by; null before the first. */
  readonly uploadId: string | null;
  /** Payments that are not ended, and their sum in stroops. */
  readonly open: number;
  readonly openAmount: bigint;
  /** Who brought it to DRAFT and READY: `user:<id>` each. */
  readonly madeBy: readonly string[];
}

interface StateRow {
  readonly id: string;
  readonly status: DisbursementStatus;
  readonly wallet_id: string;
  readonly asset_id: string;
  readonly current_upload_id: string | null;
  readonly open: number;
  readonly open_amount: bigint;
  readonly status_history: readonly { readonly status: string; readonly actor?: string }[];
}

/** Creates and reads disbursements; `HiddenRows` deletes them. Their status is written by `DisbursementMoves` alone. */
export class DisbursementsRepository {
  /** False: another disbursement has the name. */
  async add(tx: TenantTx, disbursement: NewDisbursement): Promise<boolean> {
    const added = await tx.execute(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, registration_contact_type,
              verification_field, receiver_registration_message_template, created_by, status_history)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, history_entry('DRAFT', $10, ''))
       ON CONFLICT (tenant_id, name) DO NOTHING`,
      [
        tx.tenantId,
        disbursement.id,
        disbursement.name,
        disbursement.assetId,
        disbursement.walletId,
        disbursement.contactType,
        disbursement.verificationField,
        disbursement.messageTemplate,
        disbursement.createdBy,
        tx.actor,
      ],
    );
    return added === 1;
  }

  async hasName(tx: TenantTx, name: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM disbursements.disbursements WHERE tenant_id = $1 AND name = $2`,
      [tx.tenantId, name],
    );
    return row !== null;
  }

  async find(tx: TenantTx, id: string): Promise<DisbursementState | null> {
    const row = await tx.queryOne<StateRow>(
      `SELECT id, status, wallet_id, asset_id, current_upload_id, open, status_history,
              amount_draft + amount_ready + amount_pending + amount_paused AS open_amount
         FROM disbursements.disbursements WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
    if (row === null) return null;
    const made = row.status_history.filter((entry) => entry.status === 'DRAFT' || entry.status === 'READY');
    return {
      id: row.id,
      status: row.status,
      walletId: row.wallet_id,
      assetId: row.asset_id,
      uploadId: row.current_upload_id,
      open: row.open,
      openAmount: row.open_amount,
      madeBy: made.flatMap((entry) => entry.actor ?? []),
    };
  }

  async rememberStarter(tx: TenantTx, id: string, userId: string): Promise<void> {
    await tx.execute(
      `UPDATE disbursements.disbursements SET started_by = coalesce(started_by, $3) WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id, userId],
    );
  }
}
