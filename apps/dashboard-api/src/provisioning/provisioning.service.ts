import { type AssetsRepository, plantSeeds, seedsFor, type WalletsRepository } from '@libs/catalogue';
import { normalisedEmail, noteNothing, noteSubject, type UsersRepository } from '@libs/identity';
import { type Asset, newId } from '@libs/kernel';
import type { TenantContext, TenantTx, UnitOfWork } from '@libs/persistence';
import type {
  DistributionAccountType,
  OrganizationsRepository,
  Tenant,
  TenantsRepository,
} from '@libs/tenants';

import type { LedgerAccounts } from './ledger-accounts.service';
import type { StaffMail } from './staff-mail.service';

export interface TenantOrder {
  readonly name: string;
  readonly organizationName: string;
  readonly baseUrl: string;
  readonly sdpUiBaseUrl: string;
  readonly distributionAccountType: DistributionAccountType;
  readonly owner: { readonly email: string; readonly firstName: string; readonly lastName: string };
  /** Null: as the environment says. */
  readonly mfaDisabled: boolean | null;
  readonly captchaDisabled: boolean | null;
  /** Assets beyond those of the network. */
  readonly assets: readonly Asset[];
  readonly actor: string;
  readonly trace: string;
  /** Who asked, for the audit log of the new organisation. */
  readonly beforeCommit?: TenantContext['beforeCommit'];
}

/**
 * `underway`: everything is stored and the ledger account or its trustlines have been asked for, but the answers are not
 * there yet; with them the tenant becomes PROVISIONED by itself. `refused`: transaction-submission said no; repeating asks
 * again.
 */
export type ProvisioningOutcome =
  | { readonly kind: 'provisioned'; readonly tenant: Tenant }
  | { readonly kind: 'underway'; readonly tenant: Tenant }
  | { readonly kind: 'refused'; readonly reason: string }
  | AnotherOrder;

/**
 * `name_taken`: the tenant is made. `other_order`: it is being made as an earlier order said, and what this one says differently is
 * listed by the names of the operator's API, as it stands there.
 */
type AnotherOrder =
  | { readonly kind: 'name_taken' }
  | { readonly kind: 'other_order'; readonly underway: Readonly<Record<string, string>> };

type Furnished = AnotherOrder | { readonly kind: 'furnished'; readonly tenant: Tenant };

class TakenMeanwhileError extends Error {}

export interface ProvisioningParts {
  readonly unitOfWork: UnitOfWork;
  readonly tenants: TenantsRepository;
  readonly organizations: OrganizationsRepository;
  readonly users: UsersRepository;
  readonly assets: AssetsRepository;
  readonly wallets: WalletsRepository;
  readonly ledgerAccounts: LedgerAccounts;
  readonly mail: StaffMail;
  readonly networkPassphrase: string;
  readonly hostAccount: string;
}

/** Makes an organisation from nothing to fully usable. Each step finds what an earlier try left and goes on from there. */
export class Provisioning {
  constructor(private readonly parts: ProvisioningParts) {}

  async provision(order: TenantOrder): Promise<ProvisioningOutcome> {
    const known = await this.parts.unitOfWork.runSystem('find what an earlier try left', (tx) =>
      this.parts.tenants.findByName(tx, order.name),
    );
    if (known !== null && known.status !== 'CREATED') return { kind: 'name_taken' };
    const { actor, trace, beforeCommit } = order;
    const context: TenantContext = { tenantId: known?.id ?? newId(), actor, trace, beforeCommit };
    const furnished = await this.furnished(context, known, order);
    // Somebody else was faster: what they made is known now.
    if (furnished === null) return await this.provision(order);
    if (furnished.kind !== 'furnished') return furnished;
    const { tenant } = furnished;
    const { tenants, ledgerAccounts } = this.parts;
    const seen = await ledgerAccounts.seen<ProvisioningOutcome>(context, async (tx) => {
      const present = await tenants.findById(tx, tenant.id);
      if (present !== null && present.status !== 'CREATED') return { kind: 'provisioned', tenant: present };
      const reason = await ledgerAccounts.refusal(tx);
      return reason === null ? null : { kind: 'refused', reason };
    });
    return seen ?? { kind: 'underway', tenant };
  }

  /**
   * Whether the tenant is still being made, which stays so until the end of the database transaction: of two answers at the
   * same moment the second sees what the first one brought.
   */
  async isUnderway(tx: TenantTx): Promise<boolean> {
    return (await this.parts.tenants.lock(tx, tx.tenantId))?.status === 'CREATED';
  }

  /** The ledger account exists and is funded. Its trustlines follow; the tenant is ready when it has all of them. */
  async accountIsReady(tx: TenantTx, address: string): Promise<void> {
    await this.parts.tenants.setDistributionAccount(tx, tx.tenantId, address);
    const { ledgerAccounts } = this.parts;
    for (const asset of await ledgerAccounts.withoutTrust(tx)) await ledgerAccounts.requestTrust(tx, asset);
    await this.finish(tx);
  }

  /** The last step, once nothing is missing any more. */
  async finish(tx: TenantTx): Promise<void> {
    if ((await this.parts.ledgerAccounts.withoutTrust(tx)).length > 0) return;
    await this.parts.tenants.move(tx, tx.tenantId, 'provision', tx.actor);
  }

  /**
   * The row and all that belongs to it in one database transaction: an order that fails leaves neither a name that is taken nor an
   * address or account type for the next order. Null when somebody else took the name meanwhile.
   */
  private async furnished(
    context: TenantContext,
    known: Tenant | null,
    order: TenantOrder,
  ): Promise<Furnished | null> {
    try {
      return await this.parts.unitOfWork.run(context, async (tx) => {
        if (known === null) await this.parts.tenants.add(tx, { ...order, id: tx.tenantId });
        const tenant = await this.parts.tenants.lock(tx, tx.tenantId);
        // Thrown, so that not even the audit log is told of a tenant that never was.
        if (tenant === null) throw new TakenMeanwhileError();
        return await this.furnish(tx, tenant, order);
      });
    } catch (error) {
      if (error instanceof TakenMeanwhileError) return null;
      throw error;
    }
  }

  /** Everything that our own database holds, and what is asked of the ledger next; nothing for another order than the first. */
  private async furnish(tx: TenantTx, tenant: Tenant, order: TenantOrder): Promise<Furnished> {
    const { organizations, assets, wallets, ledgerAccounts } = this.parts;
    const { distributionAccountType: accountType } = tenant;
    const underway = await this.differences(tx, tenant, order);
    if (Object.keys(underway).length > 0) {
      // The audit log is that of the organisation whose order it is not.
      noteNothing(tx);
      return { kind: 'other_order', underway };
    }
    noteSubject(tx, tenant.id);
    await organizations.add(tx, {
      name: order.organizationName,
      mfaDisabled: order.mfaDisabled,
      captchaDisabled: order.captchaDisabled,
    });
    await plantSeeds(tx, seedsFor(this.parts.networkPassphrase, order.assets), { assets, wallets });
    await this.addOwner(tx, tenant, order);
    const address =
      accountType === 'DISTRIBUTION_ACCOUNT.STELLAR.ENV'
        ? this.parts.hostAccount
        : tenant.distributionAccountAddress;
    if (address === null) await ledgerAccounts.requestAccount(tx);
    else await this.accountIsReady(tx, address);
    return { kind: 'furnished', tenant };
  }

  /** What an earlier order made that is not as this one says; nothing where this is the first. */
  private async differences(
    tx: TenantTx,
    tenant: Tenant,
    order: TenantOrder,
  ): Promise<Readonly<Record<string, string>>> {
    const organization = await this.parts.organizations.find(tx);
    const people = await this.parts.users.list(tx, 'email', 'asc');
    const email = normalisedEmail(order.owner.email);
    const owner = people.find((person) => person.email === email) ?? people.find(({ isOwner }) => isOwner);
    const fields: Readonly<Record<string, readonly [present: string | undefined, ordered: string]>> = {
      distribution_account_type: [tenant.distributionAccountType, order.distributionAccountType],
      base_url: [tenant.baseUrl, order.baseUrl],
      sdp_ui_base_url: [tenant.sdpUiBaseUrl, order.sdpUiBaseUrl],
      organization_name: [organization?.name, order.organizationName],
      owner_email: [owner?.email, email],
      owner_first_name: [owner?.firstName, order.owner.firstName],
      owner_last_name: [owner?.lastName, order.owner.lastName],
    };
    return Object.fromEntries(
      Object.entries(fields).flatMap(([name, [present, ordered]]) =>
        present === undefined || present === ordered ? [] : [[name, present]],
      ),
    );
  }

  private async addOwner(tx: TenantTx, tenant: Tenant, order: TenantOrder): Promise<void> {
    const { owner } = order;
    const id = await this.parts.users.add(tx, {
      ...owner,
      roles: ['owner'],
      isOwner: true,
      passwordHash: null,
    });
    // Null: an earlier try added and invited the person.
    if (id === null) return;
    await this.parts.mail.invite(tx, {
      email: owner.email,
      firstName: owner.firstName,
      organizationName: order.organizationName,
      uiBaseUrl: tenant.sdpUiBaseUrl,
    });
  }
}
