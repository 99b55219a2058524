import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import type { DisbursementState } from '@libs/disbursements';
import { disbursementMachine } from '@libs/domain';
import { HttpProblem } from '@libs/http';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ApprovalRules } from './approval-rules.service';
import { NOT_READY, refuse } from './disbursement-goals.service';

export const NOT_BY_ITS_CREATOR =
  "Disbursement can't be started by its creator. Approval by another user is required.";

/** Who may start what. */
@Injectable()
export class StartRules {
  constructor(
    private readonly wallets: WalletsRepository,
    private readonly assets: AssetsRepository,
    private readonly approval: ApprovalRules,
  ) {}

  /** Returns the asset to be paid in; throws the documented refusals in their documented order. */
  async check(
    tx: TenantTx,
    caller: Caller,
    state: DisbursementState,
  ): Promise<{ readonly code: string; readonly issuer: string }> {
    await this.assertWallet(tx, state);
    const startable = [...disbursementMachine.sourcesOf('start'), ...disbursementMachine.sourcesOf('resume')];
    if (!startable.includes(state.status)) refuse(400, NOT_READY);
    const { openAmount: amount, madeBy } = state;
    await this.approval.check(tx, caller, { amount, madeBy, refusal: NOT_BY_ITS_CREATOR });
    const asset = await this.assets.find(tx, state.assetId);
    if (asset === null) throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
    return { code: asset.code, issuer: asset.issuer };
  }

  /** Nobody is invited to a wallet provider that is switched off. To be asked again where time has passed. */
  async assertWallet(tx: TenantTx, { walletId }: DisbursementState): Promise<void> {
    const wallet = await this.wallets.find(tx, walletId);
    if (wallet?.enabled !== true) refuse(400, 'disbursement wallet is disabled');
  }
}
