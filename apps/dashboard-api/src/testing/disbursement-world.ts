import type { ContactType, Role, VerificationField } from '@libs/contracts';
import { PaymentMoves } from '@libs/disbursements';
import type { PaymentMove } from '@libs/domain';
import { type Asset, newId, XLM } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

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
  'receivers.arriving_verifications',
  'receivers.arriving_addresses',
  'receivers.address_owners',
  'disbursements.disbursements',
  'disbursements.payments',
  'disbursements.payment_texts',
  'disbursements.uploads',
  'eventing.outbox',
];

/** One organisation with an asset, a wallet provider, a user-managed wallet and its staff, all over HTTP. */
export class DisbursementWorld {
  private readonly tokens = new Map<Role, string>();

  private constructor(
    readonly server: TestServer,
    readonly tenant: TestTenant,
    /** The distribution account, of this tenant alone and empty at first. */
    readonly account: string,
    readonly assetId: string,
    readonly walletId: string,
  ) {}

  /** With XLM as its asset unless another one is named. */
  static async make(server: TestServer, name: string, asset: Asset = XLM): Promise<DisbursementWorld> {
    const tenant = await server.tenant(name);
    const account = accountAddressOf(randomBytes(32));
    await server.sql('UPDATE tenants.tenants SET distribution_account_address = $2 WHERE id = $1', [
      tenant.id,
      account,
    ]);
    const [assetId, walletId, userManaged] = [newId(), newId(), newId()];
    await server.sql(
      `WITH asset AS (INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, $3, $4))
       INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, sep_10_client_domain, user_managed)
       VALUES ($1, $5, 'Kite', 'https://kite.test', 'kite://pay', 'kite.test', false),
              ($1, $6, 'Own address', 'https://own.test', 'own://none', '', true)`,
      [tenant.id, assetId, asset.code, asset.issuer, walletId, userManaged],
    );
    return new DisbursementWorld(server, tenant, account, assetId, walletId);
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
    {
      role = 'owner',
      name = 'people.csv',
      dryRun = false,
    }: { readonly role?: Role; readonly name?: string; readonly dryRun?: boolean } = {},
  ): Promise<Reply> {
    const body = new FormData();
    body.set('file', new Blob([content], { type: 'text/csv' }), name);
    const token = await this.token(role);
    const path = `/disbursements/${id}/instructions${dryRun ? '?dry_run=true' : ''}`;
    return await this.server.call('POST', path, { token, body });
  }

  async download(id: string): Promise<Buffer> {
    const response = await fetch(`${this.server.url}/disbursements/${id}/instructions`, {
      headers: { authorization: `Bearer ${await this.token()}`, 'x-forwarded-for': '10.9.8.7' },
    });
    return Buffer.from(await response.arrayBuffer());
  }

  /** A person with a wallet that is READY, written past the API: of whom only the payments matter. */
  async payee(): Promise<{ readonly receiverId: string; readonly receiverWalletId: string }> {
    const [receiverId, receiverWalletId] = [newId(), newId()];
    await this.server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, '+254700000001', 'P-1')`,
      [this.tenant.id, receiverId],
    );
    await this.server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status) VALUES ($1, $2, $3, $4, 'READY')`,
      [this.tenant.id, receiverWalletId, receiverId, this.walletId],
    );
    return { receiverId, receiverWalletId };
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

  /** A started disbursement whose payments are READY, as disbursement-core releases them. */
  async started(people: number): Promise<{ readonly id: string; readonly payments: string[] }> {
    const id = await this.ready(people);
    const reply = await this.setStatus(id, 'STARTED');
    if (reply.status !== 200) throw new Error(reply.text);
    return { id, payments: await this.movePayments(id, 'release') };
  }

  /** A completed disbursement of which everything failed; its funds are free again. */
  async failed(people: number): Promise<{ readonly id: string; readonly payments: string[] }> {
    const given = await this.started(people);
    await this.movePayments(given.id, 'submit');
    await this.movePayments(given.id, 'reject');
    await this.server.sql(
      'UPDATE disbursements.fund_reservations SET released = reserved WHERE account = $1',
      [this.account],
    );
    await this.server.sql(`UPDATE disbursements.disbursements SET status = 'COMPLETED' WHERE id = $1`, [
      given.id,
    ]);
    return given;
  }

  /** A payment as the API shows it. */
  async payment(id: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.call('GET', `/payments/${id}`)).body as Readonly<Record<string, unknown>>;
  }

  /** A disbursement as the API shows it. */
  async disbursement(id: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.call('GET', `/disbursements/${id}`)).body as Readonly<Record<string, unknown>>;
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

  /** Adds to what the distribution account holds, in stroops. */
  fund(amount: bigint, asset: Asset = XLM): void {
    this.server.ledger.fund(this.account, amount, asset);
  }

  /** What is promised of the distribution account, in stroops. */
  async promised(asset: Asset = XLM): Promise<bigint> {
    const [row] = await this.server.sql(
      `SELECT (reserved - released)::text AS open FROM disbursements.fund_reservations
        WHERE account = $1 AND asset_code = $2 AND asset_issuer = $3`,
      [this.account, asset.code, asset.issuer],
    );
    const open = row?.['open'];
    return typeof open === 'string' ? BigInt(open) : 0n;
  }

  /** What disbursement-core does with payments while the staff API looks on. Returns the ids. */
  async movePayments(disbursementId: string, move: PaymentMove): Promise<string[]> {
    const ids = (await this.payments(disbursementId)).map((payment) => String(payment['id']));
    const proof = "stellar_transaction_id = '" + 'ab'.repeat(32) + "'";
    const extras = {
      submit: { set: 'dispatch = p.dispatch + 1, dispatched_at = now()', values: [] },
      settle: { set: proof, values: [] },
      reject: { set: proof, values: [] },
    } as const;
    const context = { tenantId: this.tenant.id, actor: 'system:test', trace: '' };
    await this.server.platform.unitOfWork.run(context, (tx) =>
      move === 'submit' || move === 'settle' || move === 'reject'
        ? new PaymentMoves().move(tx, move, ids, '', extras[move])
        : new PaymentMoves().move(tx, move, ids),
    );
    return ids;
  }

  /** The topics and types of the events that are in the outbox for this tenant, in their order, with their data. */
  async events(): Promise<{ readonly topic: string; readonly type: string; readonly data: unknown }[]> {
    const rows = await this.server.sql('SELECT value FROM eventing.outbox ORDER BY seq');
    const envelopes = rows.map(
      ({ value }) =>
        JSON.parse(Buffer.from(value as Uint8Array).toString()) as {
          readonly topic: string;
          readonly type: string;
          readonly tenant_id: string;
          readonly data: unknown;
        },
    );
    return envelopes
      .filter((envelope) => envelope.tenant_id === this.tenant.id)
      .map(({ topic, type, data }) => ({ topic, type, data }));
  }

  /** What transaction-submission has after it sent a payment to the ledger and before it heard of it. */
  async sentToLedger(paymentId: string): Promise<void> {
    const [payment] = await this.server.sql('SELECT * FROM disbursements.payments WHERE id = $1', [
      paymentId,
    ]);
    const [submission, attempt] = [newId(), newId()];
    await this.server.sql(
      `INSERT INTO submissions.submissions (tenant_id, id, payment_id, dispatch, disbursement_id, receiver_wallet_id, asset_id,
              asset_code, asset_issuer, amount, destination, status)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'XLM', '', $8, $9, 'UNKNOWN')`,
      [
        ...[this.tenant.id, submission, paymentId, payment?.['dispatch'], payment?.['disbursement_id']],
        ...[payment?.['receiver_wallet_id'], this.assetId, payment?.['amount'], this.account],
      ],
    );
    await this.server.sql(
      `INSERT INTO submissions.attempts (tenant_id, id, reference, channel_account, channel_epoch, sequence,
              distribution_account, operations, max_time, last_ledger, last_ledger_hash, status, fee_rate)
       VALUES ($1, $2, $3, $4, 1, 1, $4, 1, now() + interval '1 minute', 1, '', 'SENT', 100)`,
      [this.tenant.id, attempt, randomBytes(32).toString('hex'), this.account],
    );
    await this.server.sql(
      `INSERT INTO submissions.attempt_submissions (tenant_id, attempt_id, position, submission_id, live)
       VALUES ($1, $2, 0, $3, true)`,
      [this.tenant.id, attempt, submission],
    );
    await this.server.sql(
      `INSERT INTO submissions.channel_accounts (address, status, on_ledger, owner, epoch, live_tenant, live_attempt)
       VALUES ($1, 'LEASED', true, $2, 1, $3, $4) ON CONFLICT (address) DO NOTHING`,
      [this.account, newId(), this.tenant.id, attempt],
    );
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
