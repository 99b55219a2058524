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

  /** The assets of the catalogue that need a trustline and of which nobody has said yet that it is there. */
  async withoutTrust(tx: TenantTx): Promise<readonly AssetRef[]> {
    const { assets, requests } = this.parts;
    const trusted = (await requests.newest(tx))
      .filter(({ action, outcome }) => action === 'trust-asset' && outcome === 'done')
      .map(({ assetId }) => assetId);
    return (await assets.list(tx)).filter(({ id, issuer }) => issuer !== '' && !trusted.includes(id));
  }

  /** Why the ledger account is not as it was asked for; null while nothing that was asked last is refused. */
  async refusal(tx: TenantTx): Promise<string | null> {
    const refused = (await this.parts.requests.newest(tx)).find(({ outcome }) => outcome === 'refused');
    return refused === undefined ? null : (refused.reason ?? 'no reason was given');
  }

  /** Waits for the answer, as long as a person would. Null when it is still open then: the work goes on by itself. */
  async answerTo(context: TenantContext, requestId: string): Promise<LedgerAccountRequest | null> {
    return await this.seen(context, async (tx) => {
      const request = await this.parts.requests.find(tx, requestId);
      return request === null || request.outcome === null ? null : request;
    });
  }

  /** Looks again and again, as long as a person would wait. Null when there was nothing to be seen until then. */
  async seen<T>(context: TenantContext, look: (tx: TenantTx) => Promise<T | null>): Promise<T | null> {
    const until = performance.now() + (this.parts.patienceMs ?? PATIENCE_MS);
    for (;;) {
      const found = await this.parts.unitOfWork.run(context, look);
      if (found !== null || performance.now() >= until) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async request(tx: TenantTx, action: LedgerAccountAction, asset: AssetRef | null): Promise<string> {
    const { id, isToBeAsked } = await this.parts.requests.open(tx, action, asset?.id ?? null);
    if (!isToBeAsked) return id;
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
