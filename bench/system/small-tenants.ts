import { disbursementStatusChangedV1 } from '@libs/contracts';
import { feeReserveFor, FundReservations } from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import { newId, XLM } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';

import type { MainJobSystem } from './main-job';
import { makePayees, type Payee, totalOf } from './payees';

/** What disbursement-core and transaction-submission bid at most when nobody says otherwise. */
const MAX_BASE_FEE = 10_000;

/** An organisation with few people, who are registered, and what it pays them. */
export interface SmallTenant {
  readonly tenantId: string;
  readonly assetId: string;
  readonly walletId: string;
}

export interface StartedDisbursement {
  readonly id: string;
  readonly tenantId: string;
  readonly payees: readonly Payee[];
}

/** Organisations beside the large one, all paying from the same account; their disbursements start without a file. */
export class SmallTenants {
  private readonly database: Database;
  private readonly unit: UnitOfWork;
  private readonly outbox = new Outbox();
  private readonly reservations = new FundReservations();
  /** So many have a phone number, of all organisations. */
  private people = 0;

  constructor(private readonly system: MainJobSystem) {
    const url = system.staff.postgres.urlOf('dashboardApi');
    this.database = new Database({ url, applicationName: 'benchmark', connectionsMax: 4 });
    this.unit = new UnitOfWork(this.database);
  }

  async stop(): Promise<void> {
    await this.database.close();
  }

  async add(name: string): Promise<SmallTenant> {
    const [tenantId, assetId, walletId] = [newId(), newId(), newId()];
    const { sql } = this.system.staff;
    await sql.query(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
       VALUES ($1, $2, 'http://pay.example', 'http://staff.example', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $3)`,
      [tenantId, name, this.system.payer],
    );
    await sql.query(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, $2)`, [tenantId, name]);
    await sql.query(`INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'XLM', '')`, [
      tenantId,
      assetId,
    ]);
    await sql.query(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema) VALUES ($1, $2, 'Kite', 'https://kite.example', 'kite://pay')`,
      [tenantId, walletId],
    );
    return { tenantId, assetId, walletId };
  }

  /** A disbursement to so many people, whose accounts must be made before it is started. */
  prepare(payments: number): readonly Payee[] {
    return makePayees(payments);
  }

  /** As if it had been uploaded and approved: its payments are DRAFT, its funds are promised, and the event tells core to go on. */
  async start(
    { tenantId, assetId, walletId }: SmallTenant,
    payees: readonly Payee[],
  ): Promise<StartedDisbursement> {
    const id = newId();
    const total = totalOf(payees);
    const { sql } = this.system.staff;
    const before = this.people;
    this.people += payees.length;
    await sql.query(
      `WITH added AS (
         INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
           verification_field, goal_version, count_draft, amount_draft)
         VALUES ($1, $2::uuid, 'Round ' || $2::uuid, $3, $4, 'STARTED', 'PHONE_NUMBER', 'PIN', 1, $5, $6)),
       people AS MATERIALIZED (
         SELECT payment, address, amount, uuidv7() AS id, uuidv7() AS wallet, n
           FROM unnest($7::uuid[], $8::text[], $9::bigint[]) WITH ORDINALITY AS p (payment, address, amount, n)),
       receivers AS (
         INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
         SELECT $1, id, '+2548' || lpad(($10::bigint + n)::text, 10, '0'), 'P' FROM people),
       wallets AS (
         INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
         SELECT $1, wallet, id, $4, 'REGISTERED', address FROM people)
       INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount)
       SELECT $1, payment, 'DISBURSEMENT', $2::uuid, id, wallet, $3, amount FROM people`,
      [
        tenantId,
        id,
        assetId,
        walletId,
        payees.length,
        total,
        payees.map(({ paymentId }) => paymentId),
        payees.map(({ destination }) => destination),
        payees.map(({ amount }) => amount),
        before,
      ],
    );
    await this.unit.run({ tenantId, actor: 'system:benchmark', trace: '' }, async (tx) => {
      const needed = total + feeReserveFor(payees.length, MAX_BASE_FEE);
      await this.reservations.reserve(tx, this.system.payer, XLM, needed);
      await this.outbox.publish(tx, disbursementStatusChangedV1, {
        type: 'disbursement-started',
        key: id,
        data: { disbursement_id: id, goal_version: 1 },
      });
    });
    return { id, tenantId, payees };
  }

  /** Milliseconds from the start of each payment to its success, once all of them have succeeded. */
  async latencies(disbursements: readonly StartedDisbursement[]): Promise<readonly number[]> {
    for (const { id } of disbursements) {
      await this.system.until(id, 'a small organisation is served', `status = 'COMPLETED'`);
    }
    const { rows } = await this.system.staff.sql.query<{ ms: number }>(
      `SELECT (extract(epoch FROM updated_at - created_at) * 1000)::float8 AS ms FROM disbursements.payments
        WHERE disbursement_id = ANY($1::uuid[]) AND status = 'SUCCESS'`,
      [disbursements.map(({ id }) => id)],
    );
    return rows.map(({ ms }) => ms);
  }
}
