import { newId } from '@libs/kernel';

import { type Reply, TestServer, type TestTenant } from './test-server';

const ISSUER = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
export const UPLOADED = { message: 'File uploaded successfully' };

export interface Order {
  readonly contactType?: string;
  readonly verificationField?: string | null;
  readonly status?: string;
}

/** Kenyan mobile numbers, all different and none of a known person. */
export const phone = (index: number): string => `+2547${String(10_000_000 + index)}`;

export const phoneFile = (rows: number, amount = '10', from = 0): string =>
  [
    'phone,id,amount,verification,paymentID',
    ...Array.from({ length: rows }, (_, index) =>
      [phone(from + index), `P-${String(from + index)}`, amount, '1990-01-30', `PAY-${String(index)}`].join(),
    ),
  ].join('\n');

/** Of an upload after whose publication all has to be done. */
export const noneLeft = (error: unknown): never => {
  throw error;
};

/** A tenant with an asset, two wallet providers and an owner, and what the tests of uploads do again and again. */
export interface UploadWorld {
  readonly server: TestServer;
  readonly tenant: TestTenant;
  readonly token: string;
  readonly userId: string;
  readonly assetId: string;
  readonly walletId: string;
  readonly knownWalletId: string;
  disbursement(order?: Order): Promise<string>;
  upload(id: string, content: string | Uint8Array<ArrayBuffer>, name?: string): Promise<Reply>;
  read(id: string): Promise<Record<string, unknown>>;
  /** Those that are seen, in the order of the people's own ids. */
  payments(id: string): Promise<Record<string, unknown>[]>;
}

export async function openUploadWorld(
  more: Parameters<typeof TestServer.start>[1] = {},
): Promise<UploadWorld> {
  const server = await TestServer.start({}, more);
  const tenant = await server.tenant('acme');
  const user = await server.user(tenant, 'owner');
  const userId = user.id;
  const token = await server.login(tenant, user.email);
  const [assetId, walletId, knownWalletId] = [newId(), newId(), newId()];
  await server.sql('INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, $3, $4)', [
    tenant.id,
    assetId,
    'USDC',
    ISSUER,
  ]);
  for (const [id, name, managed] of [
    [walletId, 'Provider', false],
    [knownWalletId, 'Own wallets', true],
  ]) {
    await server.sql(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, user_managed)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [tenant.id, id, name, `https://${String(id)}.test`, `${String(id)}://x`, managed],
    );
  }

  async function disbursement(order: Order = {}): Promise<string> {
    const id = newId();
    const contactType = order.contactType ?? 'PHONE_NUMBER';
    const known = contactType.endsWith('_ADDRESS');
    await server.sql(
      `INSERT INTO disbursements.disbursements
              (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        tenant.id,
        id,
        `of ${id}`,
        assetId,
        known ? knownWalletId : walletId,
        order.status ?? 'DRAFT',
        contactType,
        known ? null : order.verificationField === undefined ? 'DATE_OF_BIRTH' : order.verificationField,
      ],
    );
    return id;
  }

  async function upload(
    id: string,
    content: string | Uint8Array<ArrayBuffer>,
    name = 'people.csv',
  ): Promise<Reply> {
    const form = new FormData();
    form.append('file', new Blob([content], { type: 'text/csv' }), name);
    return await server.call('POST', `/disbursements/${id}/instructions`, { token, body: form });
  }

  const read = async (id: string): Promise<Record<string, unknown>> =>
    (await server.sql('SELECT * FROM disbursements.disbursements WHERE id = $1', [id]))[0] ?? {};
  const payments = async (id: string): Promise<Record<string, unknown>[]> =>
    await server.sql(
      `SELECT p.*, r.phone_number, r.email, r.external_id, w.status AS wallet_status, w.stellar_address, w.stellar_memo_type
         FROM disbursements.payments p
         JOIN receivers.receivers r ON r.id = p.receiver_id
         JOIN receivers.receiver_wallets w ON w.id = p.receiver_wallet_id
        WHERE p.disbursement_id = $1
          AND NOT EXISTS (SELECT FROM disbursements.hidden_rows h WHERE h.tenant_id = p.tenant_id AND h.id = p.upload_id)
        ORDER BY r.external_id`,
      [id],
    );

  return {
    server,
    tenant,
    token,
    userId,
    assetId,
    walletId,
    knownWalletId,
    disbursement,
    upload,
    read,
    payments,
  };
}
