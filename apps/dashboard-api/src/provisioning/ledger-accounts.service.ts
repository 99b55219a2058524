import { type AssetsRepository } from '@libs/catalogue';
import { ledgerAccountRequestedV1 } from '@libs/contracts';
import type { TenantTx, UnitOfWork, TenantContext } from '@libs/persistence';
import type {
  LedgerAccountAction,
  LedgerAccountRequest,
  LedgerAccountRequestsRepository,
} from '@libs/tenants';

import type { Outbox } from '@libs/eventing';

export interface LedgerAccountParts {
  readonly unitOfWork: UnitOfWork;
  readonly outbox: Outbox;
  readonly requests: LedgerAccountRequestsRepository;
  readonly assets: AssetsRepository;
  /** 30 seconds when it is left out. */
  readonly patienceMs?: number | undefined;
}

interface AssetRef {
  readonly id: string;
  readonly code: string;
  readonly issuer: string;
}

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 150;

/** Asks transaction-submission, the only process with keys, to change a tenant's ledger account. */
export class LedgerAccounts {
  constructor(private readonly parts: LedgerAccountParts) {}

  /** Returns the request's id; asking again while it is open returns the same one. */
  async requestAccount(tx: TenantTx): Promise<string> {
    return await this.request(tx, 'create-account', null);
  }

  async requestTrust(tx: TenantTx, asset: AssetRef): Promise<string> {
    return await this.request(tx, 'trust-asset', asset);
  }

  async requestRemoval(tx: TenantTx, asset: AssetRef): Promise<string> {
    return await this.request(tx, 'remove-asset', asset);
  }

  /** Trustlines for every asset of the catalogue that needs one. */
  async requestAllTrust(tx: TenantTx): Promise<void> {
    for (const asset of await this.parts.assets.list(tx)) {
      if (asset.issuer !== '') await this.requestTrust(tx, asset);
    }
  }

  /** Waits for the answer, as long as a person would. Null when it is still open then: the work goes on by itself. */
  async answerTo(context: TenantContext, requestId: string): Promise<LedgerAccountRequest | null> {
    const until = performance.now() + (this.parts.patienceMs ?? PATIENCE_MS);
    for (;;) {
      const request = await this.parts.unitOfWork.run(context, (tx) =>
        this.parts.requests.find(tx, requestId),
      );
      if (request?.outcome !== null || performance.now() >= until) {
        return request !== null && request.outcome !== null ? request : null;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async request(tx: TenantTx, action: LedgerAccountAction, asset: AssetRef | null): Promise<string> {
    const { id, isNew } = await this.parts.requests.open(tx, action, asset?.id ?? null);
    if (!isNew) return id;
    await this.parts.outbox.publish(tx, ledgerAccountRequestedV1, {
      type: 'ledger-account-requested',
      key: tx.tenantId,
      data: {
        request_id: id,
        action,
        asset: asset === null ? null : { id: asset.id, code: asset.code, issuer: asset.issuer },
      },
    });
    return id;
  }
}
