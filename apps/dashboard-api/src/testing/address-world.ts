import {
  ComingParts,
  InstructionsUpload,
  receiveFile,
  UploadProgress,
  UploadStores,
} from '@libs/disbursements';
import { newId } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { APP_ROLES, Database, type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import { RegistrationRepository } from '@libs/receivers';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Client } from 'pg';

import { UploadSweep } from '../disbursements/upload-sweep.service';
import type { Reply } from './test-server';
import { noneLeft, openUploadWorld, phone, type UploadWorld } from './upload-world';

export interface AddressPerson {
  readonly id: string;
  readonly walletId: string;
}

const ORDER = { contactType: 'PHONE_NUMBER_AND_WALLET_ADDRESS' };
const LOOK_MS = 10;
const SWEEPS_MAX = 100;

/** The same one each time, for each number and word. */
export const accountOf = (nr: number, of = 'first'): string =>
  accountAddressOf(
    createHash('sha256')
      .update(`${of} ${String(nr)}`)
      .digest(),
  );
export const otherOf = (nr: number): string => accountOf(nr, 'other');

export function addressFile(
  from: number,
  rows: number,
  {
    address = accountOf,
    memo = '',
  }: { readonly address?: (nr: number) => string; readonly memo?: string } = {},
): string {
  const lines = Array.from({ length: rows }, (_, n) => {
    const nr = from + n;
    return `${phone(nr)},P-${String(nr)},1,${address(nr)},${memo}`;
  });
  return ['phone,id,amount,walletAddress,walletAddressMemo', ...lines].join('\n');
}

/** Files that bring addresses, and what may come between their arrival, their publication and the registration of their people. */
export class AddressWorld {
  private constructor(
    readonly world: UploadWorld,
    readonly superuser: Client,
    private readonly recipients: Database,
  ) {}

  static async open(): Promise<AddressWorld> {
    const world = await openUploadWorld();
    const { database } = world.server;
    const superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    await superuser.query(
      `CREATE FUNCTION receivers.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$`,
    );
    const recipients = new Database({ url: database.url('recipientApi'), applicationName: 'test' });
    return new AddressWorld(world, superuser, recipients);
  }

  async close(): Promise<void> {
    await this.recipients.close();
    await this.superuser.end();
    await this.world.server.stop();
  }

  async rows<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.superuser.query<Row>(sql, [...values])).rows;
  }

  async count(what: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`, values))[0]?.n ?? 0;
  }

  /** How many addresses wait for a registration, and uploads for their end. */
  async left(): Promise<{ readonly arriving: number; readonly unsettled: number }> {
    return {
      arriving: await this.count('receivers.arriving_addresses'),
      unsettled: await this.count('disbursements.upload_jobs WHERE settled_at IS NULL'),
    };
  }

  /** Those of these numbers who have a wallet of their own, in the order of their numbers. */
  async people(from: number, rows: number): Promise<AddressPerson[]> {
    return await this.rows<AddressPerson>(
      `SELECT r.id, w.id AS "walletId" FROM receivers.receivers r JOIN receivers.receiver_wallets w ON w.receiver_id = r.id
        WHERE w.wallet_id = $1 AND r.phone_number BETWEEN $2 AND $3 ORDER BY r.phone_number`,
      [this.world.knownWalletId, phone(from), phone(from + rows - 1)],
    );
  }

  async person(nr: number): Promise<AddressPerson> {
    const [one] = await this.people(nr, 1);
    if (one === undefined) throw new Error('nobody has this number');
    return one;
  }

  /** What their wallets say, each once: status, address and memo. */
  async wallets(from: number, rows: number): Promise<unknown[]> {
    const found = await this.rows<{ status: string; address: string | null; memo: string | null }>(
      `SELECT w.status, w.stellar_address AS address, w.stellar_memo AS memo
         FROM receivers.receivers r JOIN receivers.receiver_wallets w ON w.receiver_id = r.id
        WHERE w.wallet_id = $1 AND r.phone_number BETWEEN $2 AND $3 ORDER BY r.phone_number`,
      [this.world.knownWalletId, phone(from), phone(from + rows - 1)],
    );
    return found.map(({ status, address, memo }) => [status, address, memo]);
  }

  async registered(from: number, rows: number): Promise<number> {
    const found = await this.wallets(from, rows);
    return found.filter((wallet) => Array.isArray(wallet) && wallet[0] === 'REGISTERED').length;
  }

  async ownersOf(address: string): Promise<string[]> {
    const sql = 'SELECT receiver_id AS id FROM receivers.address_owners WHERE stellar_address = $1';
    return (await this.rows<{ id: string }>(sql, [address])).map(({ id }) => id);
  }

  async staff<T>(work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await this.world.server.app.get(UnitOfWork).run(this.context('somebody else'), work);
  }

  async call(method: 'GET' | 'PATCH', path: string, json?: object): Promise<Reply> {
    const { server, token } = this.world;
    return await server.call(method, path, { token, ...(json === undefined ? {} : { json }) });
  }

  async upload(content: string): Promise<Reply> {
    return await this.world.upload(await this.world.disbursement(ORDER), content);
  }

  /** Checks the file, lets all of it arrive, and publishes it after `then`; rejects where it is refused. */
  async uploadAround(content: string, then: () => Promise<void>): Promise<void> {
    const { app } = this.world.server;
    const stores = app.get(UploadStores);
    const [uploadId, disbursementId] = [newId(), await this.world.disbursement(ORDER)];
    await this.staff((tx) => stores.jobs.claim(tx, { id: uploadId, disbursementId }));
    const file = await receiveFile(
      { uploadId, name: 'people.csv' },
      Readable.from([Buffer.from(content)]),
      (part, bytes) => this.staff((tx) => stores.parts.add(tx, uploadId, part, bytes)),
    );
    const uploads = app.get(InstructionsUpload);
    const order = { disbursementId, file, progress: new UploadProgress(), made: null };
    await this.staff((tx) => uploads.begin(tx, order, new ComingParts(uploadId, stores.parts)));
    const publication = async (_: TenantTx, publish: () => Promise<void>): Promise<void> => {
      await then();
      await publish();
    };
    const run = { order, context: this.context('staff'), left: noneLeft, publication };
    try {
      await app.get(UnitOfWork).session((session) => uploads.run(session, run));
    } catch (error) {
      await this.staff((tx) => stores.jobs.lose(tx, uploadId));
      throw error;
    }
  }

  /** Lets the superuser hold what is locked by this statement until an upload waits for it and `then` is done. */
  async uploadBehind(
    content: string,
    lock: string,
    then: () => Promise<void> = () => Promise.resolve(),
  ): Promise<Reply> {
    const id = await this.world.disbursement(ORDER);
    await this.superuser.query('BEGIN');
    await this.superuser.query(lock.replaceAll('$id', `'${id}'`));
    const reply = this.world.upload(id, content);
    try {
      await Promise.race([reply, this.untilWaiting(1)]);
      await then();
    } finally {
      await this.superuser.query('COMMIT');
    }
    return await reply;
  }

  /** The same with the last step of the publication behind all checks. */
  async uploadBeforeFlip(content: string, then: () => Promise<void>): Promise<Reply> {
    const lock = 'SELECT FROM disbursements.disbursements WHERE id = $id FOR NO KEY UPDATE';
    return await this.uploadBehind(content, lock, then);
  }

  async untilWaiting(count: number): Promise<void> {
    // Other suites wait for locks of their own databases.
    const waiting = `pg_locks l WHERE NOT granted AND EXISTS (SELECT FROM pg_locks o JOIN pg_database d ON d.oid = o.database
      WHERE o.pid = l.pid AND d.datname = current_database())`;
    while ((await this.count(waiting)) < count) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  /** Staff's process dies as soon as it registers anybody by a file, or any of these wallets. */
  async whileNobodyFolds(work: () => Promise<void>, only?: readonly string[]): Promise<void> {
    const ids = only?.map((id) => `'${id}'`).join();
    await this.superuser.query(
      `CREATE TRIGGER keep BEFORE DELETE ON receivers.arriving_addresses FOR EACH ROW
         WHEN (current_user = '${APP_ROLES.dashboardApi}' ${ids === undefined ? '' : `AND OLD.receiver_wallet_id IN (${ids})`})
         EXECUTE FUNCTION receivers.keep()`,
    );
    try {
      await work();
    } finally {
      await this.superuser.query('DROP TRIGGER keep ON receivers.arriving_addresses');
      this.world.server.logs.length = 0;
    }
  }

  /** Published by a process that dies then: nobody is registered. */
  async publishedAlone(content: string): Promise<void> {
    await this.whileNobodyFolds(async () => {
      const reply = await this.upload(content);
      if (reply.status !== 200) throw new Error(`the file was not published: ${reply.text}`);
    });
  }

  /** As if nothing had been heard for long enough of who published. */
  async sweep(): Promise<void> {
    await this.superuser.query(
      `UPDATE disbursements.upload_jobs SET beat_at = now() - interval '1 minute' WHERE settled_at IS NULL AND state = 'PUBLISHED'`,
    );
    await this.world.server.app.get(UploadSweep).run();
  }

  /** Until nothing is left to do for any upload. */
  async sweepAll(): Promise<void> {
    for (let tries = 0; (await this.left()).unsettled > 0; tries += 1) {
      if (tries === SWEEPS_MAX) throw new Error('an upload is never settled');
      await this.sweep();
    }
    this.world.server.logs.length = 0;
  }

  /** The person registers the wallet of the file with an account of their own. False: it is registered already. */
  async registers({ id, walletId }: AddressPerson, account: string): Promise<boolean> {
    return await new UnitOfWork(this.recipients).run(this.context('receiver'), async (tx) => {
      const registrations = new RegistrationRepository();
      if (!(await registrations.claimAddress(tx, account, id)))
        throw new Error('somebody else has the account');
      return await registrations.register(tx, {
        receiverWalletId: walletId,
        receiverId: id,
        stellarAddress: account,
        stellarMemo: null,
        depositId: newId(),
        confirmedWith: 'x',
      });
    });
  }

  /** Somebody who registered at another provider with the account of this number. */
  async givenElsewhere(nr: number): Promise<AddressPerson> {
    const [id, walletId, tenantId] = [newId(), newId(), this.world.tenant.id];
    await this.superuser.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, $3, 'x')`,
      [tenantId, id, phone(nr)],
    );
    await this.superuser.query(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
       VALUES ($1, $2, $3, $4, 'REGISTERED', $5)`,
      [tenantId, walletId, id, this.world.walletId, accountOf(nr)],
    );
    await this.superuser.query('INSERT INTO receivers.address_owners VALUES ($1, $2, $3)', [
      ...[tenantId, accountOf(nr), id],
    ]);
    return { id, walletId };
  }

  /** Staff take that wallet's address back. */
  async unregister({ walletId }: AddressPerson): Promise<number> {
    const path = `/receivers/wallets/${walletId}/status`;
    return (await this.call('PATCH', path, { status: 'READY' })).status;
  }

  private context(actor: string): TenantContext {
    return { tenantId: this.world.tenant.id, actor, trace: '' };
  }
}
