import { newId } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

import type { DisbursementWorld } from './disbursement-world';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly phone: string;
  readonly receiverWalletId: string;
  /** Empty before they have registered. */
  readonly address: string;
}

let people = 0;

/** Lets the wallet provider of the world take the world's asset: direct payments ask for it. */
export async function letWalletTakeTheAsset(world: DisbursementWorld): Promise<void> {
  await world.server.sql(
    'INSERT INTO catalogue.wallet_assets (tenant_id, wallet_id, asset_id) VALUES ($1, $2, $3)',
    [world.tenant.id, world.walletId, world.assetId],
  );
}

/** The id of the provider of addresses that staff enter. */
export async function userManagedWalletOf(world: DisbursementWorld): Promise<string> {
  const [row] = await world.server.sql(
    'SELECT id FROM catalogue.wallets WHERE tenant_id = $1 AND user_managed',
    [world.tenant.id],
  );
  return String(row?.['id']);
}

/** Somebody whom the organisation knows by two contacts, without any receiver wallet. */
export async function stranger(world: DisbursementWorld): Promise<Person> {
  people += 1;
  const id = newId();
  const [email, phone] = [`p${String(people)}@people.test`, `+2547${String(20_000_000 + people)}`];
  await world.server.sql(
    'INSERT INTO receivers.receivers (tenant_id, id, email, phone_number, external_id) VALUES ($1, $2, $3, $4, $5)',
    [world.tenant.id, id, email, phone, `E-${String(people)}`],
  );
  return { id, email, phone, receiverWalletId: '', address: '' };
}

/** The same with a receiver wallet in this state, at the world's provider unless another one is named. */
export async function person(
  world: DisbursementWorld,
  status: 'DRAFT' | 'READY' | 'REGISTERED' | 'FLAGGED' = 'REGISTERED',
  walletId = world.walletId,
): Promise<Person> {
  const made = await stranger(world);
  const receiverWalletId = newId();
  const address = status === 'REGISTERED' ? accountAddressOf(randomBytes(32)) : '';
  await world.server.sql(
    `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
     VALUES ($1, $2, $3, $4, $5, nullif($6, ''))`,
    [world.tenant.id, receiverWalletId, made.id, walletId, status, address],
  );
  if (address !== '') {
    await world.server.sql(
      'INSERT INTO receivers.address_owners (tenant_id, stellar_address, receiver_id) VALUES ($1, $2, $3)',
      [world.tenant.id, address, made.id],
    );
  }
  return { ...made, receiverWalletId, address };
}
