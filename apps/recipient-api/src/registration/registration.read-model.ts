import type { ReceiverWalletStatus, VerificationField } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';
import { isPublished, verificationFieldsOf } from '@libs/receivers';

import type { Contact } from './contact';

/** Who has this contact, at the wallet provider of this client domain; and what the organisation would write them. */
export interface RegistrationLookup {
  readonly organization_name: string;
  readonly otp_message_template: string;
  readonly channel_priority: readonly string[];
  /** Null: nobody. The fields below belong to the person. */
  readonly receiver_wallet_id: string | null;
  readonly receiver_id: string | null;
  readonly wallet_id: string | null;
  readonly status: ReceiverWalletStatus | null;
  readonly stellar_address: string | null;
  readonly stellar_memo: string | null;
  readonly phone_number: string | null;
  readonly email: string | null;
  /** What the person is asked for besides the code. */
  readonly verification_field: VerificationField | null;
  /** What the organisation asked people for lately, sorted. */
  readonly fields_in_use: readonly VerificationField[] | null;
}

export interface RegistrationInfo {
  readonly organization_name: string;
  readonly privacy_policy_link: string | null;
  readonly has_logo: boolean;
  /** The contact that registered this account; null when none did. */
  readonly registered_with: string | null;
}

export class RegistrationReadModel {
  /** One statement whoever is asked for, so that its time tells nothing. */
  async lookup(tx: TenantTx, contact: Contact, clientDomain: string): Promise<RegistrationLookup | null> {
    const column = contact.kind === 'EMAIL' ? 'email' : 'phone_number';
    return await tx.queryOne<RegistrationLookup>(
      `SELECT o.name AS organization_name, o.otp_message_template, o.message_channel_priority AS channel_priority,
              person.*, asked.fields_in_use
         FROM tenants.organizations o
         LEFT JOIN LATERAL (
           SELECT rw.id AS receiver_wallet_id, r.id AS receiver_id, rw.wallet_id, rw.status, rw.stellar_address, rw.stellar_memo,
                  r.phone_number, r.email, v.verification_field
             FROM receivers.receivers r
             JOIN receivers.receiver_wallets rw ON rw.tenant_id = r.tenant_id AND rw.receiver_id = r.id
             JOIN catalogue.wallets w ON w.tenant_id = rw.tenant_id AND w.id = rw.wallet_id AND w.sep_10_client_domain = $3
             LEFT JOIN LATERAL (
               SELECT verification_field FROM ${verificationFieldsOf('r.tenant_id', 'r.id')} AS fields
                ORDER BY updated_at DESC, verification_field LIMIT 1) AS v ON true
            WHERE r.tenant_id = $1 AND r.${column} = $2 AND ${isPublished('r')} AND ${isPublished('rw')}
            ORDER BY (rw.status IN ('DRAFT', 'READY')) DESC, rw.id LIMIT 1) AS person ON true
         LEFT JOIN LATERAL (
           SELECT array_agg(DISTINCT lately.verification_field ORDER BY lately.verification_field) AS fields_in_use
             FROM (SELECT verification_field FROM disbursements.disbursements
                    WHERE tenant_id = $1 AND verification_field IS NOT NULL ORDER BY created_at DESC LIMIT 20) AS lately) AS asked ON true
        WHERE o.tenant_id = $1`,
      [tx.tenantId, contact.value, clientDomain],
    );
  }

  async info(
    tx: TenantTx,
    wallet: { readonly account: string; readonly memo: string | null; readonly clientDomain: string },
  ): Promise<RegistrationInfo | null> {
    return await tx.queryOne<RegistrationInfo>(
      `SELECT o.name AS organization_name, o.privacy_policy_link, o.logo IS NOT NULL AS has_logo, registered.contact AS registered_with
         FROM tenants.organizations o
         LEFT JOIN LATERAL (
           SELECT coalesce(rw.otp_confirmed_with, r.phone_number, r.email) AS contact
             FROM receivers.receiver_wallets rw
             JOIN catalogue.wallets w ON w.tenant_id = rw.tenant_id AND w.id = rw.wallet_id AND w.sep_10_client_domain = $4
            -- One person at a time: joined freely, PostgreSQL goes along all people until it meets the one of the wallet.
            CROSS JOIN LATERAL (
               SELECT phone_number, email FROM receivers.receivers WHERE tenant_id = $1 AND id = rw.receiver_id LIMIT 1) AS r
            WHERE rw.tenant_id = $1 AND rw.stellar_address = $2 AND rw.stellar_memo IS NOT DISTINCT FROM $3
              AND rw.status = 'REGISTERED' LIMIT 1) AS registered ON true
        WHERE o.tenant_id = $1`,
      [tx.tenantId, wallet.account, wallet.memo, wallet.clientDomain],
    );
  }

  /** The word of the organisation about the captcha; null where it leaves that to the environment. */
  async captchaDisabled(tx: TenantTx): Promise<boolean | null> {
    const row = await tx.queryOne<{ readonly captcha_disabled: boolean | null }>(
      'SELECT captcha_disabled FROM tenants.organizations WHERE tenant_id = $1',
      [tx.tenantId],
    );
    return row?.captcha_disabled ?? null;
  }
}
