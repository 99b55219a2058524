import { receiverWalletRegisteredV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { DepositRepository, OneTimeCodeRepository, RegistrationRepository } from '@libs/receivers';
import { DestinationRepository } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

import type { WalletSession } from '../tokens/wallet-tokens';
import { SeenAccounts } from '../web-auth/seen-accounts';

export interface ProvenPerson {
  readonly receiverWalletId: string;
  readonly receiverId: string;
  /** The contact that the code went to. */
  readonly confirmedWith: string;
}

/** What is written when a person has proved everything. */
@Injectable()
export class CompletedRegistrations {
  constructor(
    private readonly registrations: RegistrationRepository,
    private readonly codes: OneTimeCodeRepository,
    private readonly deposits: DepositRepository,
    private readonly outbox: Outbox,
    private readonly accounts: SeenAccounts,
    private readonly destinations: DestinationRepository,
  ) {}

  /** Registers the wallet with the account of the session, and tells core that it can be paid. */
  async complete(
    tx: TenantTx,
    session: WalletSession,
    person: ProvenPerson,
  ): Promise<'registered' | 'address_taken' | 'not_waiting'> {
    const { receiverWalletId, receiverId } = person;
    if (!(await this.registrations.claimAddress(tx, session.account, receiverId))) return 'address_taken';
    const isRegistered = await this.registrations.register(tx, {
      ...person,
      stellarAddress: session.account,
      stellarMemo: session.memo,
      depositId: session.id,
    });
    if (!isRegistered) return 'not_waiting';
    await this.codes.consume(tx, receiverWalletId);
    const seen = this.accounts.take(session.account);
    if (seen !== null) await this.destinations.learn(tx, [seen]);
    await this.repeat(tx, session, receiverWalletId);
    await this.outbox.publish(tx, receiverWalletRegisteredV1, {
      type: 'receiver-wallet-registered',
      key: receiverWalletId,
      data: { receiver_wallet_id: receiverWalletId },
    });
    return 'registered';
  }

  /** A further deposit of somebody who is registered: it leads to the same receiver wallet. */
  async repeat(tx: TenantTx, session: WalletSession, receiverWalletId: string): Promise<void> {
    await this.deposits.registered(tx, session.id, receiverWalletId);
  }
}
