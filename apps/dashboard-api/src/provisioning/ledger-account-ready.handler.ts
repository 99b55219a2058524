import type { AssetsRepository, CatalogueAsset } from '@libs/catalogue';
import { ledgerAccountReadyV1 } from '@libs/contracts';
import type { EventOf } from '@libs/contracts';
import { done, EventHandler, type Outcome, park } from '@libs/eventing';
import type { AuditLogRepository } from '@libs/identity';
import { assetName } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import type { LedgerAccountRequest, LedgerAccountRequestsRepository } from '@libs/tenants';

import type { CatalogueUse } from '../catalogue/catalogue-use.read-model';
import type { LedgerAccounts } from './ledger-accounts.service';
import type { Provisioning } from './provisioning.service';

const BY_THE_LEDGER = {
  type: 'system',
  id: 'transaction-submission',
  name: 'transaction-submission',
} as const;

/** A request about an asset, answered. */
type OfAsset = LedgerAccountRequest & { readonly assetId: string };

/** Transaction-submission has answered what we asked about a ledger account. */
export class LedgerAccountReadyHandler extends EventHandler<typeof ledgerAccountReadyV1> {
  readonly contract = ledgerAccountReadyV1;

  constructor(
    private readonly requests: LedgerAccountRequestsRepository,
    private readonly provisioning: Provisioning,
    private readonly assets: AssetsRepository,
    private readonly use: CatalogueUse,
    private readonly auditLog: AuditLogRepository,
    private readonly ledgerAccounts: LedgerAccounts,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: EventOf<typeof ledgerAccountReadyV1>): Promise<Outcome> {
    const { request_id: id, action, account, reason } = event.data;
    const outcome = event.type === 'ledger-account-done' ? 'done' : 'refused';
    const isUnderway = await this.provisioning.isUnderway(tx);
    // An answer that came before, or to nobody's question, changes nothing.
    if (!(await this.requests.answer(tx, id, { outcome, reason }))) return done;
    if (isUnderway) {
      // What is refused is asked for again when the order is repeated; until then the tenant stays as it is.
      if (outcome === 'refused') return done;
      if (action !== 'create-account') await this.provisioning.finish(tx);
      else if (account === null) return park('a ledger account was created but the event does not name it');
      else await this.provisioning.accountIsReady(tx, account);
      return done;
    }
    const request = await this.requests.find(tx, id);
    if (request === null || request.assetId === null) return done;
    const ofAsset = { ...request, assetId: request.assetId };
    if (action === 'remove-asset' && outcome === 'done') await this.trustWhatIsThereAgain(tx, ofAsset);
    if (action === 'remove-asset' && outcome === 'refused') await this.takeDeletionBack(tx, ofAsset);
    if (action === 'trust-asset' && outcome === 'refused') await this.takeAdditionBack(tx, ofAsset);
    return done;
  }

  /** An asset that cannot be held is not there, unless somebody relies on it by now. */
  private async takeAdditionBack(tx: TenantTx, { assetId, askedAt, reason }: OfAsset): Promise<void> {
    if ((await this.use.payingIn(tx, assetId)) !== null) return;
    const asset = await this.assets.takeBack(tx, assetId, askedAt);
    if (asset === null) return;
    const before = { asset: assetName(asset) };
    await this.note(tx, asset, { before, after: { refused: reason } });
  }

  /** An asset whose trustline stays is still there. */
  private async takeDeletionBack(tx: TenantTx, { assetId, reason }: OfAsset): Promise<void> {
    const asset = await this.assets.restore(tx, assetId);
    if (asset === null) return;
    const after = { asset: assetName(asset), refused: reason };
    await this.note(tx, asset, { before: null, after });
  }

  /** Whoever added the asset again while it was first being added was told of that addition, which came before the removal. */
  private async trustWhatIsThereAgain(tx: TenantTx, { assetId }: OfAsset): Promise<void> {
    const asset = await this.assets.find(tx, assetId);
    if (asset !== null) await this.ledgerAccounts.requestTrust(tx, asset);
  }

  /** The row of who asked tells what they asked for; this one, that it came to nothing. */
  private async note(
    tx: TenantTx,
    { id }: CatalogueAsset,
    change: { readonly before: unknown; readonly after: unknown },
  ): Promise<void> {
    const event = {
      address: '',
      requestId: '',
      action: `${ledgerAccountReadyV1.topic} ledger-account-refused`,
    };
    await this.auditLog.append(tx, {
      actor: BY_THE_LEDGER,
      ...event,
      subjectType: 'assets',
      subjectId: id,
      ...change,
    });
  }
}
