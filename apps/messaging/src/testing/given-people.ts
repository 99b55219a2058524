import { newId } from '@libs/kernel';
import { randomBytes, randomInt } from 'node:crypto';

/** What the builders need of a connection that stands above row-level security. */
interface Superuser {
  query(sql: string, values: readonly unknown[]): Promise<unknown>;
}

export interface Tenant {
  readonly id: string;
  readonly walletId: string;
  readonly assetId: string;
}

const ISSUER = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';
const ADDRESS = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';

/** An organisation with one wallet provider and one asset. */
export async function givenTenant(superuser: Superuser): Promise<Tenant> {
  const [id, walletId, assetId] = [newId(), newId(), newId()];
  const name = `t${randomBytes(12).toString('hex').replace(/[0-9]/g, 'x')}`;
  await superuser.query(
    `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type)
     VALUES ($1, $2, 'http://pay.test', 'http://staff.test', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
    [id, name],
  );
  await superuser.query(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, 'Acme & Co')`, [id]);
  await superuser.query(
    `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, sep_10_client_domain, deep_link_schema)
     VALUES ($1, $2, 'Demo Wallet', 'https://wallet.test', 'wallet.test', 'https://wallet.test/open')`,
    [id, walletId],
  );
  await superuser.query(
    `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'USDC', $3)`,
    [id, assetId, ISSUER],
  );
  return { id, walletId, assetId };
}

export interface PersonState {
  readonly walletStatus?: 'READY' | 'REGISTERED' | 'FLAGGED';
  readonly paymentStatus?: 'READY' | 'PAUSED' | 'CANCELED';
  readonly disbursementStatus?: 'STARTED' | 'PAUSED';
}

export interface Person {
  readonly receiverId: string;
  readonly receiverWalletId: string;
  readonly disbursementId: string;
  readonly phoneNumber: string;
}

/** A person whom a disbursement of their own pays. */
export async function givenPerson(
  superuser: Superuser,
  tenant: Tenant,
  state: PersonState = {},
): Promise<Person> {
  const [receiverId, receiverWalletId, disbursementId] = [newId(), newId(), newId()];
  const phoneNumber = `+1415${String(randomInt(1_000_000, 9_999_999))}`;
  await superuser.query(
    `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, $3, 'x')`,
    [tenant.id, receiverId, phoneNumber],
  );
  const status = state.walletStatus ?? 'READY';
  await superuser.query(
    `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      tenant.id,
      receiverWalletId,
      receiverId,
      tenant.walletId,
      status,
      status === 'REGISTERED' ? ADDRESS : null,
    ],
  );
  await superuser.query(
    `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
     VALUES ($1, $2, $2::uuid::text, $3, $4, $5, 'PHONE_NUMBER', 'DATE_OF_BIRTH')`,
    [tenant.id, disbursementId, tenant.assetId, tenant.walletId, state.disbursementStatus ?? 'STARTED'],
  );
  await superuser.query(
    `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
     VALUES ($1, $2, 'DISBURSEMENT', $3, $4, $5, $6, 10000000, $7)`,
    [
      tenant.id,
      newId(),
      disbursementId,
      receiverId,
      receiverWalletId,
      tenant.assetId,
      state.paymentStatus ?? 'READY',
    ],
  );
  return { receiverId, receiverWalletId, disbursementId, phoneNumber };
}

/** A direct payment to this person; answers its id. */
export async function givenDirectPayment(
  superuser: Superuser,
  tenant: Tenant,
  person: Pick<Person, 'receiverId' | 'receiverWalletId'>,
  status: 'DRAFT' | 'READY',
): Promise<string> {
  const id = newId();
  await superuser.query(
    `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status, status_history)
     VALUES ($1, $2, 'DIRECT', $3, $4, $5, 10000000, $6, history_entry($6, 'test', ''))`,
    [tenant.id, id, person.receiverId, person.receiverWalletId, tenant.assetId, status],
  );
  return id;
}
