import { setTimeout as pause } from 'node:timers/promises';

import { LedgerKey } from '../stellar/ledger-key';
import { type Installation, localUrl, recipientOrigin, walletDomain } from '../system/installation';
import type { HttpClient } from './http-client';
import { type Json, listIn, objectIn, objectOf, textOf, UnexpectedAnswerError } from './json';
import { type LedgerAsset, type LedgerClient, LUMENS } from './ledger-client';
import { StaffClient } from './staff-client';
import { addStaff, type StaffMember } from './staff-accounts';

export const ORGANISATION = 'demo';
const ORGANISATION_NAME = 'Demo Relief';
export const ASSET_CODE = 'AID';
const SEEDED_WALLET = 'Demo Wallet';
const ACCOUNT_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;
/** For fees; more than the reserve at the fee ceiling for a million payments. */
const LUMENS_HELD = 50_000_000_000n;

export const STAFF = {
  owner: 'owner@demo.example',
  initiator: 'initiator@demo.example',
  approver: 'approver@demo.example',
} as const;

const STAFF_MEMBERS: readonly StaffMember[] = [
  { email: STAFF.owner, firstName: 'Olive', lastName: 'Owner', role: 'owner' },
  { email: STAFF.initiator, firstName: 'Ines', lastName: 'Initiator', role: 'initiator' },
  { email: STAFF.approver, firstName: 'Abel', lastName: 'Approver', role: 'approver' },
];

export interface Organisation {
  /** False when an earlier run made it. */
  readonly isNew: boolean;
  readonly distributionAccount: string;
  readonly asset: LedgerAsset;
  readonly assetId: string;
  readonly walletId: string;
  readonly initiator: StaffClient;
  readonly approver: StaffClient;
}

export interface OrganisationTools {
  readonly installation: Installation;
  readonly http: HttpClient;
  readonly ledger: LedgerClient;
}

/** The demo's organisation with staff, wallet provider, asset and accounts; everything that is there already is kept. */
export async function openOrganisation(tools: OrganisationTools): Promise<Organisation> {
  const { id: tenantId, isNew } = await ensureTenant(tools);
  const staff = (email: string): StaffClient => {
    const { ports, data } = tools.installation;
    return new StaffClient(tools.http, localUrl(ports.staff), { email, password: data.keys.staffPassword });
  };
  // An earlier run may have been stopped before it had added them all.
  if (isNew || !(await signsIn(staff(STAFF.approver)))) {
    await addStaff(tools.installation, tenantId, STAFF_MEMBERS);
  }
  const owner = staff(STAFF.owner);
  const distributionAccount = await distributionAccountOf(owner);
  const asset = demoAsset(tools.installation);
  const assetId = await ensureAsset(owner, asset);
  // Whoever made or uploaded a disbursement may not start it.
  await owner.change('/organization', { is_approval_required: true });
  const walletId = await ensureWallet(owner, tools.installation, assetId);
  return {
    isNew,
    distributionAccount,
    asset,
    assetId,
    walletId,
    initiator: staff(STAFF.initiator),
    approver: staff(STAFF.approver),
  };
}

/** Its issuer is an account of this installation. */
export const demoAsset = ({ data: { keys } }: Installation): LedgerAsset => ({
  code: ASSET_CODE,
  issuer: LedgerKey.fromSecret(keys.issuerSeed).address,
});

/**
 * Lets the issuer pay the distribution account what it will pay out, on top of what it holds: that may be promised to
 * others.
 */
export async function fundDistribution(
  { ledger, installation }: OrganisationTools,
  { distributionAccount, asset }: Organisation,
  amount: bigint,
): Promise<void> {
  const issuer = LedgerKey.fromSecret(installation.data.keys.issuerSeed);
  const held = (await ledger.balance(distributionAccount, asset)) ?? 0n;
  const goals = [
    { asset: LUMENS, amount: LUMENS_HELD },
    { asset, amount: held + amount },
  ];
  for (const goal of goals) await ledger.payUntilItHolds(issuer, distributionAccount, goal);
}

/** Whether an earlier run of the demo made its organisation. */
export const hasOrganisation = async (tools: Omit<OrganisationTools, 'ledger'>): Promise<boolean> =>
  (await findTenant(tools)) !== undefined;

const operatorAt = ({
  ports,
  data: { keys },
}: Installation): { readonly url: string; readonly headers: Record<string, string> } => {
  const basic = Buffer.from(`${keys.operatorName}:${keys.operatorPassword}`).toString('base64');
  return {
    url: `${localUrl(ports.operator)}/tenants`,
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
  };
};

async function findTenant({
  installation,
  http,
}: Omit<OrganisationTools, 'ledger'>): Promise<Json | undefined> {
  const tenants = listIn(await http.send(operatorAt(installation)), 'list organisations');
  return tenants.find((tenant) => tenant['name'] === ORGANISATION);
}

async function ensureTenant(
  tools: OrganisationTools,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const there = await findTenant(tools);
  if (there !== undefined) return { id: textOf(there, 'id'), isNew: false };
  const { installation, http } = tools;
  const { ports } = installation;
  const body = JSON.stringify({
    name: ORGANISATION,
    organization_name: ORGANISATION_NAME,
    owner_email: STAFF.owner,
    owner_first_name: 'Olive',
    owner_last_name: 'Owner',
    distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
    base_url: recipientOrigin(ports),
    sdp_ui_base_url: `http://localhost:${String(ports.staff)}`,
  });
  const created = objectIn(
    await http.send({ method: 'POST', ...operatorAt(installation), body }),
    'create the organisation',
  );
  return { id: textOf(created, 'id'), isNew: true };
}

async function signsIn(member: StaffClient): Promise<boolean> {
  try {
    await member.get('/profile');
    return true;
  } catch (error) {
    if (error instanceof UnexpectedAnswerError && error.status === 401) return false;
    throw error;
  }
}

/** It is made by transaction-submission, which holds its key, a moment after the organisation. */
async function distributionAccountOf(owner: StaffClient): Promise<string> {
  const until = performance.now() + ACCOUNT_WITHIN_MS;
  for (;;) {
    const account = objectOf(await owner.get('/organization'), 'distribution_account');
    if (account['status'] === 'ACTIVE' && typeof account['address'] === 'string') return account['address'];
    if (performance.now() > until) throw new Error('the distribution account was not made');
    await pause(LOOK_EVERY_MS);
  }
}

async function ensureAsset(owner: StaffClient, asset: LedgerAsset): Promise<string> {
  const isIt = (one: Json): boolean => one['code'] === asset.code && one['issuer'] === asset.issuer;
  const there = (await owner.list('/assets')).find(isIt);
  return textOf(there ?? (await owner.post('/assets', { ...asset })), 'id');
}

/** The wallet provider that every organisation begins with, pointed at the demo's own backend. */
async function ensureWallet(
  owner: StaffClient,
  installation: Installation,
  assetId: string,
): Promise<string> {
  const domain = walletDomain(installation.ports);
  const wallets = await owner.list('/wallets');
  const there = wallets.find((wallet) => wallet['sep_10_client_domain'] === domain);
  if (there !== undefined) return textOf(there, 'id');
  const wish = {
    homepage: `http://${domain}`,
    deep_link_schema: `http://${domain}/invitation`,
    sep_10_client_domain: domain,
    assets: [{ id: assetId }],
  };
  const seeded = wallets.find((wallet) => wallet['name'] === SEEDED_WALLET);
  const wallet =
    seeded === undefined
      ? await owner.post('/wallets', { name: SEEDED_WALLET, enabled: true, ...wish })
      : await owner.patch(`/wallets/${textOf(seeded, 'id')}`, wish);
  return textOf(wallet, 'id');
}
