import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import type { DisbursementState } from '@libs/disbursements';
import { disbursementMachine } from '@libs/domain';
import { HttpProblem } from '@libs/http';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ApprovalRules, type MoneyToApprove } from './approval-rules.service';
import type { SeenByApprover } from './disbursement-body';
import { NOT_READY, refuse } from './disbursement-goals.service';
import { RecipientChangesReadModel } from './recipient-changes.read-model';

const NOT_BY_ITS_CREATOR =
  "Disbursement can't be started by its creator. Approval by another user is required.";
const REVIEW = 'GET /disbursements/{id}/review';
const OTHER_FILE = `another file is there than the one named: look at ${REVIEW} again, and name its file`;

/** Who may start what. */
@Injectable()
export class StartRules {
  constructor(
    private readonly wallets: WalletsRepository,
    private readonly assets: AssetsRepository,
    private readonly approval: ApprovalRules,
    private readonly changes: RecipientChangesReadModel,
  ) {}

  /** Returns the asset to be paid in; throws the documented refusals in their documented order. */
  async check(
    tx: TenantTx,
    caller: Caller,
    state: DisbursementState,
    seen: SeenByApprover,
  ): Promise<{ readonly code: string; readonly issuer: string }> {
    this.assertFile(state, seen);
    await this.assertWallet(tx, state);
    const startable = [...disbursementMachine.sourcesOf('start'), ...disbursementMachine.sourcesOf('resume')];
    if (!startable.includes(state.status)) refuse(400, NOT_READY);
    await this.approval.check(tx, caller, await this.moneyOf(tx, state, seen));
    const asset = await this.assets.find(tx, state.assetId);
    if (asset === null) throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
    return { code: asset.code, issuer: asset.issuer };
  }

  /**
   * Remembers the caller's approval of the file as its people are now, and tells whether it is enough. Throws the refusals of `check`
   * that may have come up since.
   */
  async suffices(
    tx: TenantTx,
    caller: Caller,
    state: DisbursementState,
    seen: SeenByApprover,
  ): Promise<boolean> {
    const money = await this.moneyOf(tx, state, seen);
    // As the review shows them, so that who names none of it and who does approve the same.
    const changes = await this.changes.ofDisbursement(tx, state.id);
    const version = changes?.version ?? state.uploadId ?? '';
    return await this.approval.suffices(tx, caller, { ...money, subjects: [{ id: state.id, version }] });
  }

  /** Nobody is invited to a wallet provider that is switched off. To be asked again where time has passed. */
  async assertWallet(tx: TenantTx, { walletId }: DisbursementState): Promise<void> {
    const wallet = await this.wallets.find(tx, walletId);
    if (wallet?.enabled !== true) refuse(400, 'disbursement wallet is disabled');
  }

  /** Nobody lets a file go that they have not seen. */
  assertFile({ uploadId }: DisbursementState, { file }: SeenByApprover): void {
    if (file !== null && file !== uploadId) refuse(409, OTHER_FILE);
  }

  private async moneyOf(
    tx: TenantTx,
    { id, openAmount: amount, madeBy }: DisbursementState,
    { file, changes: seen }: SeenByApprover,
  ): Promise<Required<MoneyToApprove>> {
    const isReviewed = file !== null || seen !== null;
    const since = isReviewed ? 'since it was made' : 'since its file came';
    const changes = await this.changes.ofDisbursement(tx, id, since);
    const recipients = { changes, seen, isReviewed, shownBy: REVIEW };
    return { amount, madeBy, refusal: NOT_BY_ITS_CREATOR, recipients };
  }
}
