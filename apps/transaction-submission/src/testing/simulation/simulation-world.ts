import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { LedgerKey } from '@libs/ledger';
import { ledgerKeyFromBytes } from '@libs/ledger-stellar/submitter';
import { Database, UnitOfWork } from '@libs/persistence';
import {
  ChannelAccountRepository,
  ChannelMaintenanceLock,
  ChannelPopulationRepository,
} from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';
import { Client } from 'pg';

import { ACTOR } from '../../engine-context';
import { SimulatedKeys } from './simulated-keys';

export const CHANNELS_MAX = 3;
/** How long an instance may be silent. */
export const EXPIRY_SECONDS = 15;
const LOOK_EVERY_MS = 250;
const SCHEMAS = ['submissions', 'eventing'];
const COPIES = 'simulation_start';
/** What an account that was funded at genesis starts with as its sequence number. */
const FIRST_SEQUENCE = 1n << 32n;

export interface SimulationDatabase {
  url(app: 'transactionSubmission' | 'dashboardApi'): string;
  readonly superuserUrl: string;
}

const keyNamed = (name: string): LedgerKey =>
  ledgerKeyFromBytes(new Uint8Array(createHash('sha256').update(`simulation ${name}`).digest()));

/** One database for many seeds: each begins with the same tenant, keys and channel accounts, and nothing else. */
export class SimulationWorld {
  readonly host = keyNamed('host');
  readonly channelKeys = Array.from({ length: CHANNELS_MAX }, (_, index) =>
    keyNamed(`channel ${String(index)}`),
  );
  readonly keys = new SimulatedKeys(this.host, this.channelKeys);
  private resetting = '';

  private constructor(
    readonly database: Database,
    readonly asStaff: Database,
    /** Past row-level security: to prepare, to look, and to let time pass. */
    readonly admin: Client,
    readonly tenantId: string,
    readonly maintenance: ChannelMaintenanceLock,
  ) {}

  static async open({ url, superuserUrl }: SimulationDatabase): Promise<SimulationWorld> {
    const options = { applicationName: 'simulation', connectionsMax: 4 };
    const database = new Database({ ...options, url: url('transactionSubmission') });
    const asStaff = new Database({ ...options, url: url('dashboardApi') });
    const admin = new Client({ connectionString: superuserUrl, application_name: 'simulation' });
    await admin.connect();
    const world = new SimulationWorld(
      database,
      asStaff,
      admin,
      await addTenant(asStaff),
      new ChannelMaintenanceLock({ url: url('transactionSubmission'), applicationName: 'simulation' }),
    );
    await world.addChannels();
    await world.rememberStart();
    await world.serverIsOld();
    return world;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.asStaff.close();
    await this.admin.end();
  }

  /** As it was before the first seed; with `channels` channel accounts. */
  async reset(channels: number): Promise<void> {
    const spare = this.channelKeys.slice(channels).map(({ address }) => `'${address}'`);
    const fewer =
      spare.length === 0
        ? ''
        : `DELETE FROM submissions.channel_accounts WHERE address IN (${spare.join(', ')});`;
    await this.admin.query(`${this.resetting} ${fewer} SELECT pg_advisory_unlock_all();`);
  }

  /**
   * Nobody counts as silent for longer than PostgreSQL runs. That is the one time which the simulation cannot let pass, so a
   * seed would run otherwise on a server that has just been started.
   */
  private async serverIsOld(): Promise<void> {
    const asked = `SELECT pg_postmaster_start_time() < now() - interval '${String(EXPIRY_SECONDS + 1)} s' AS old`;
    for (;;) {
      const { rows } = await this.admin.query<{ old: boolean }>(asked);
      if (rows[0]?.old === true) return;
      await pause(LOOK_EVERY_MS);
    }
  }

  private async addChannels(): Promise<void> {
    const uow = new UnitOfWork(this.database);
    await uow.runSystem('channel accounts of the simulation', async (tx) => {
      const addresses = this.channelKeys.map(({ address }) => address);
      await new ChannelPopulationRepository().insert(tx, addresses, ACTOR);
      await new ChannelAccountRepository().markOnLedger(
        tx,
        new Map(addresses.map((address) => [address, FIRST_SEQUENCE])),
      );
    });
  }

  /** Copies what is there now, and works out the one statement that brings it back. */
  private async rememberStart(): Promise<void> {
    const { rows } = await this.admin.query<{ name: string; columns: string }>(
      `SELECT format('%I.%I', c.table_schema, c.table_name) AS name,
              string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns
         FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = ANY($1) AND t.table_type = 'BASE TABLE' AND is_generated = 'NEVER'
        GROUP BY 1 ORDER BY 1`,
      [SCHEMAS],
    );
    await this.admin.query(`CREATE SCHEMA ${COPIES}`);
    const statements = ['SET session_replication_role = replica;'];
    for (const [index, { name, columns }] of rows.entries()) {
      const copy = `${COPIES}.t${String(index)}`;
      await this.admin.query(`CREATE TABLE ${copy} AS SELECT ${columns} FROM ${name}`);
      const { rows: counted } = await this.admin.query<{ any: boolean }>(
        `SELECT EXISTS (SELECT FROM ${copy}) AS any`,
      );
      statements.push(`DELETE FROM ${name};`);
      if (counted[0]?.any === true) {
        statements.push(`INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE SELECT * FROM ${copy};`);
      }
    }
    this.resetting = [...statements, 'SET session_replication_role = origin;'].join('\n');
  }
}

async function addTenant(asStaff: Database): Promise<string> {
  const tenants = new TenantsRepository();
  return await new UnitOfWork(asStaff).runSystem('a tenant for the simulation', async (tx) => {
    const tenant = await tenants.add(tx, {
      name: 'acme',
      baseUrl: 'https://pay.test',
      sdpUiBaseUrl: 'https://staff.test',
      distributionAccountType: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
      actor: 'simulation',
    });
    if (tenant === null) throw new Error('the name is taken');
    await tenants.move(tx, tenant.id, 'provision', 'simulation');
    return tenant.id;
  });
}
