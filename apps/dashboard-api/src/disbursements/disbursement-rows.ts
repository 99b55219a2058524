import type { ContactType, DisbursementStatus, VerificationField } from '@libs/contracts';

export interface HistoryEntry {
  readonly status: string;
  readonly timestamp: string;
  readonly actor?: string;
  readonly reason?: string;
}

/** A disbursement with its asset, its wallet provider and its people, as one query returns it. */
export interface DisbursementRow {
  readonly id: string;
  readonly name: string;
  readonly status: DisbursementStatus;
  readonly status_history: readonly HistoryEntry[];
  readonly registration_contact_type: ContactType;
  readonly verification_field: VerificationField | null;
  readonly receiver_registration_message_template: string;
  readonly file_name: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly asset: {
    readonly id: string;
    readonly code: string;
    readonly issuer: string;
    readonly deleted_at: string | null;
  };
  readonly wallet: {
    readonly id: string;
    readonly name: string;
    readonly homepage: string;
    readonly sep_10_client_domain: string;
    readonly deep_link_schema: string;
    readonly enabled: boolean;
    readonly user_managed: boolean;
    readonly embedded: boolean;
  };
  readonly created_by: Person | null;
  readonly started_by: Person | null;
  readonly total: number;
  readonly success: number;
  readonly failed: number;
  readonly canceled: number;
  readonly total_amount: string;
  readonly success_amount: string;
  /** In stroops of XLM; only where one disbursement is read. */
  readonly ledger_fees?: bigint;
}

export interface Person {
  readonly id: string;
  readonly first_name: string;
  readonly last_name: string;
}
