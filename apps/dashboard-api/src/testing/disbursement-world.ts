import type { ContactType, Role, VerificationField } from '@libs/contracts';
import { newId } from '@libs/kernel';

import type { Reply, TestServer, TestTenant } from './test-server';

/** How the people of a disbursement are reached and verified; an address file has no verification. */
export interface FileKind {
  readonly registration_contact_type: ContactType;
  readonly verification_field?: VerificationField;
}

export const BY_PHONE: FileKind = {
  registration_contact_type: 'PHONE_NUMBER',
  verification_field: 'DATE_OF_BIRTH',
};

/** What a file of people could have changed. */
const WRITTEN_BY_UPLOADS = [
  'receivers.receivers',
  'receivers.receiver_wallets',
  'receivers.verifications',
  'receivers.address_owners',
  'disbursements.disbursements',
  'disbursements.payments',
  'disbursements.uploads',
  'eventing.outbox',
];

/** One organisation with an asset, a wallet provider, a user-managed wallet and its staff, all over HTTP. */
export class DisbursementWorld {
  private readonly tokens = new Map<Role, string>();

  private constructor(
    readonly server: TestServer,
    readonly tenant: TestTenant,
    readonly assetId: string,
    readonly walletId: string,
  ) {}

  /** With XLM as its asset unless another one is named. */
  static async make(
    server: TestServer,
    name: string,
    asset: { readonly code: string; readonly issuer: string } = { code: 'XLM', issuer: '' },
  ): Promise<DisbursementWorld> {
    const tenant = await server.tenant(name);
    const [assetId, walletId, userManaged] = [newId(), newId(), newId()];
    await server.sql(
      `WITH asset AS (INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, $3, $4))
       INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, sep_10_client_domain, user_managed)
       VALUES ($1, $5, 'Kite', 'https://kite.test', 'kite://pay', 'kite.test', false),
              ($1, $6, 'Own address', 'https://own.test', 'own://none', '', true)`,
      [tenant.id, assetId, asset.code, asset.issuer, walletId, userManaged],
    );
    return new DisbursementWorld(server, tenant, assetId, walletId);
  }

  /** The token of one person with this role, the same at each call. */
  async token(role: Role = 'owner'): Promise<string> {
    const known = this.tokens.get(role);
    if (known !== undefined) return known;
    const token = await this.server.tokenFor(this.tenant, role);
    this.tokens.set(role, token);
    return token;
  }

  async call(method: string, path: string, json?: unknown, role: Role = 'owner'): Promise<Reply> {
    const token = await this.token(role);
    return await this.server.call(method, path, json === undefined ? { token } : { token, json });
  }

  /** The fields of a new disbursement, as `POST /disbursements` takes them. */
  bodyOf(kind: FileKind = BY_PHONE, name = `aid ${newId()}`): Record<string, string> {
    const bringsAddresses = kind.registration_contact_type.endsWith('_AND_WALLET_ADDRESS');
    return {
      name,
      asset_id: this.assetId,
      ...(bringsAddresses ? {} : { wallet_id: this.walletId }),
      ...kind,
    };
  }

  /** Its id. */
  async create(kind: FileKind = BY_PHONE, role: Role = 'owner'): Promise<string> {
    return idOf(await this.call('POST', '/disbursements', this.bodyOf(kind), role));
  }

  async upload(
    id: string,
    content: string | Uint8Array<ArrayBuffer>,
    { role = 'owner', name = 'people.csv' }: { readonly role?: Role; readonly name?: string } = {},
  ): Promise<Reply> {
    const body = new FormData();
    body.set('file', new Blob([content], { type: 'text/csv' }), name);
    const token = await this.token(role);
    return await this.server.call('POST', `/disbursements/${id}/instructions`, { token, body });
  }

  async download(id: string): Promise<Buffer> {
    const response = await fetch(`${this.server.url}/disbursements/${id}/instructions`, {
      headers: { authorization: `Bearer ${await this.token()}`, 'x-forwarded-for': '10.9.8.7' },
    });
    return Buffer.from(await response.arrayBuffer());
  }

  /** A disbursement with this many people of its own who get `amount` each. */
  async ready(
    people: number,
    { amount = '10', uploader = 'owner' }: { readonly amount?: string; readonly uploader?: Role } = {},
  ): Promise<string> {
    const id = await this.create(BY_PHONE, uploader);
    const reply = await this.upload(id, peopleFile(people, { amount }), { role: uploader });
    if (reply.status !== 200) throw new Error(reply.text);
    return id;
  }

  async setStatus(id: string, status: string, role: Role = 'owner'): Promise<Reply> {
    return await this.call('PATCH', `/disbursements/${id}/status`, { status }, role);
  }

  /** Changes whenever an upload writes, deletes or touches any row of any tenant. */
  async fingerprint(): Promise<string> {
    const parts = WRITTEN_BY_UPLOADS.map(
      (table) => `(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM ${table} t)`,
    );
    const [row] = await this.server.sql(`SELECT concat_ws(',', ${parts.join(', ')}) AS fingerprint`);
    return String(row?.['fingerprint']);
  }

  async payments(disbursementId: string): Promise<Record<string, unknown>[]> {
    return await this.server.sql(
      `SELECT * FROM disbursements.payments WHERE tenant_id = $1 AND disbursement_id = $2 ORDER BY id`,
      [this.tenant.id, disbursementId],
    );
  }
}

export function idOf(reply: Reply): string {
  const id: unknown = typeof reply.body === 'object' ? Reflect.get(reply.body ?? {}, 'id') : undefined;
  if (typeof id !== 'string') throw new Error(`no id: ${String(reply.status)} ${reply.text}`);
  return id;
}

let people = 0;

/** New people each time, with numbers that exist. */
export function peopleFile(count: number, { amount = '10' }: { readonly amount?: string } = {}): string {
  const rows = Array.from({ length: count }, () => {
    people += 1;
    const phone = `+2547${String(10_000_000 + people)}`;
    return `${phone},P-${String(people)},${amount},1990-01-30,`;
  });
  return ['phone,id,amount,verification,paymentID', ...rows, ''].join('\n');
}
