import { newId } from '@libs/kernel';
import {
  channelsFor,
  invitationText,
  type LinkSigner,
  type MessageRepository,
  type NewMessage,
  registrationLink,
  type ShortLinkRepository,
} from '@libs/messages';
import type { TenantTx } from '@libs/persistence';

import { dueInvitation, type NextInvitation, requestedInvitation } from './invitation.policy';
import type {
  InvitationCandidate,
  InvitationCandidatesReadModel,
  InvitingOrganization,
} from './invitation-candidates.read-model';

export interface InvitationsDependencies {
  readonly candidates: InvitationCandidatesReadModel;
  readonly messages: MessageRepository;
  readonly links: ShortLinkRepository;
  readonly sign: LinkSigner;
  /** How often an unanswered invitation is sent again. */
  readonly resendsMax: number;
}

/** Which of the waiting invitations are meant: those of one disbursement, of direct payments, or all. */
export type InvitationsFor = { readonly disbursementId: string | null } | 'all';

/** Writes the invitations of receiver wallets: one per receiver wallet and disbursement, reminders as configured. */
export class Invitations {
  constructor(private readonly dependencies: InvitationsDependencies) {}

  /** Stores each invitation that is due for these receiver wallets; answers how many are new. */
  async inviteDue(tx: TenantTx, receiverWalletIds: readonly string[], what: InvitationsFor): Promise<number> {
    const organization = await this.dependencies.candidates.organization(tx);
    if (organization === null || organization.invitations_disabled) return 0;
    const rules = {
      resendIntervalDays: organization.resend_interval_days,
      resendsMax: this.dependencies.resendsMax,
    };
    const found = await this.dependencies.candidates.candidates(tx, receiverWalletIds);
    const meant = found.filter((one) => what === 'all' || one.disbursement_id === what.disbursementId);
    return await this.store(tx, organization, meant, (one) => dueInvitation(one, rules));
  }

  /** Staff want these people to be invited once more, also where reminders are switched off. */
  async inviteAgain(tx: TenantTx, receiverWalletIds: readonly string[]): Promise<number> {
    const organization = await this.dependencies.candidates.organization(tx);
    if (organization === null) return 0;
    const found = await this.dependencies.candidates.candidates(tx, receiverWalletIds);
    // One message per person, for the newest disbursement that waits for them.
    const newest = new Map<string, InvitationCandidate>();
    for (const one of found) {
      if (!newest.has(one.receiver_wallet_id)) newest.set(one.receiver_wallet_id, one);
    }
    return await this.store(tx, organization, [...newest.values()], requestedInvitation);
  }

  private async store(
    tx: TenantTx,
    organization: InvitingOrganization,
    candidates: readonly InvitationCandidate[],
    nextOf: (candidate: InvitationCandidate) => NextInvitation | null,
  ): Promise<number> {
    const links = new Map<string, string>();
    const messages: NewMessage[] = [];
    for (const candidate of candidates) {
      const invitation = nextOf(candidate);
      if (invitation === null) continue;
      const link = await this.linkFor(tx, organization, candidate, links);
      messages.push(messageFor(organization, candidate, link, invitation));
    }
    return await this.dependencies.messages.store(tx, messages);
  }

  /** The link depends on wallet provider and asset only, so a batch needs one or two of them. */
  private async linkFor(
    tx: TenantTx,
    organization: InvitingOrganization,
    candidate: InvitationCandidate,
    known: Map<string, string>,
  ): Promise<string> {
    const key = `${candidate.wallet_id} ${candidate.asset_id}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const unsigned = registrationLink({
      deepLink: candidate.deep_link_schema,
      asset: { code: candidate.asset_code, issuer: candidate.asset_issuer },
      baseUrl: organization.base_url,
      organizationName: organization.name,
    });
    const long = this.dependencies.sign(unsigned);
    const link = organization.shortens_links
      ? `${organization.base_url.replace(/\/+$/, '')}/r/${await this.dependencies.links.codeFor(tx, long)}`
      : long;
    known.set(key, link);
    return link;
  }
}

function messageFor(
  organization: InvitingOrganization,
  candidate: InvitationCandidate,
  link: string,
  invitation: NextInvitation,
): NewMessage {
  const contacts = { phoneNumber: candidate.phone_number, email: candidate.email };
  const text = invitationText({
    template: candidate.template === '' ? organization.template : candidate.template,
    organizationName: organization.name,
    registrationLink: link,
  });
  return {
    id: newId(),
    kind: 'invitation',
    contacts,
    channels: channelsFor(contacts, organization.channel_priority),
    ...text,
    receiverId: candidate.receiver_id,
    receiverWalletId: candidate.receiver_wallet_id,
    walletId: candidate.wallet_id,
    assetId: candidate.asset_id,
    disbursementId: candidate.disbursement_id ?? undefined,
    invitation,
  };
}
