import type { Outbox } from '@libs/eventing';
import { type Asset, isNative, STROOPS_MAX } from '@libs/kernel';
import { type AccountKey, balanceLineOf, isAccountAddress } from '@libs/ledger';
import type {
  AccountRequest,
  AccountRequestEnd,
  AccountRequestRepository,
  VaultRepository,
} from '@libs/submissions';
import type { TenantsRepository } from '@libs/tenants';

import { inParallel } from '../bounded';
import { asTenant, type EngineContext } from '../engine-context';
import type { LedgerKeys } from '../keys/ledger-keys.port';
import { isPaidFrom } from '../keys/paying-accounts';
import { answerAccountRequest } from './account-request-answer';
import type { Setup, SetupOutcome, SetupService } from './setup.service';

export interface AccountRequestsParts {
  readonly requests: AccountRequestRepository;
  readonly tenants: TenantsRepository;
  readonly vault: VaultRepository;
  readonly keys: LedgerKeys;
  readonly setup: SetupService;
  readonly outbox: Outbox;
  /** What a new account of a tenant starts with, in stroops of XLM. */
  readonly startingBalance: bigint;
}

const AT_ONCE_MAX = 8;
const TRIES_MAX = 10;
/** Another instance may begin the same after this: doing it twice at once changes nothing. */
const TAKEN_SECONDS = 30;
const RETRY_SECONDS = 5;
const REASON_CHARACTERS_MAX = 200;
/** Refusals by the ledger that only a person can do something about. */
const FINAL_CODES = [
  'op_no_issuer',
  'op_low_reserve',
  'op_invalid_limit',
  'op_malformed',
  'op_self_not_allowed',
];

type Step = AccountRequestEnd | 'later';

const done = (account: string): AccountRequestEnd => ({ outcome: 'done', account, reason: null });
const refused = (reason: string): AccountRequestEnd => ({
  outcome: 'refused',
  account: null,
  reason: reason.slice(0, REASON_CHARACTERS_MAX),
});

/**
 * Makes accounts and trustlines for tenants. Each step first asks the ledger what is there, so doing one again changes
 * nothing; a key is committed before its account can exist.
 */
export class AccountRequestsService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: AccountRequestsParts,
  ) {}

  /** Works on what is due. Requests of one tenant go one after another: they use the same account. */
  async run(): Promise<void> {
    const due = await this.context.uow.runSystem('open requests about ledger accounts', (tx) =>
      this.parts.requests.due(tx),
    );
    const tenants = new Map<string, AccountRequest[]>();
    for (const one of due) tenants.set(one.tenantId, [...(tenants.get(one.tenantId) ?? []), one]);
    await inParallel([...tenants.values()], AT_ONCE_MAX, async (requests) => {
      for (const request of requests) await this.work(request);
    });
  }

  private async work(request: AccountRequest): Promise<void> {
    const { uow, logger } = this.context;
    const { requests } = this.parts;
    const context = asTenant(request.tenantId);
    if (!(await uow.run(context, (tx) => requests.take(tx, request.id, TAKEN_SECONDS)))) return;
    let step: Step;
    try {
      step = await this.step(request);
    } catch (error) {
      logger.warn(
        { error, tenantId: request.tenantId, action: request.action },
        'a ledger account must wait',
      );
      step = 'later';
    }
    if (step === 'later' && request.tries + 1 >= TRIES_MAX)
      step = refused('the ledger did not do it in time');
    if (step === 'later') {
      await uow.run(context, (tx) => requests.postpone(tx, request.id, RETRY_SECONDS));
      return;
    }
    await this.end(request, step);
  }

  private async end(request: AccountRequest, end: AccountRequestEnd): Promise<void> {
    const { requests, outbox } = this.parts;
    await this.context.uow.run(asTenant(request.tenantId), async (tx) => {
      if (!(await requests.end(tx, request.id, end))) return;
      await answerAccountRequest(outbox, tx, request, end);
    });
  }

  private async step({ tenantId, action, asset }: AccountRequest): Promise<Step> {
    if (action === 'create-account') return await this.createAccount(tenantId);
    if (asset === null) return refused('no asset was named');
    const key = await this.payingKey(tenantId);
    if (key === null)
      return refused("transaction-submission has no key of the tenant's distribution account");
    return await this.setTrust(key, asset, action === 'trust-asset' ? STROOPS_MAX : 0n);
  }

  private async createAccount(tenantId: string): Promise<Step> {
    const { tenants, vault, keys } = this.parts;
    const { uow, reader } = this.context;
    const tenant = await uow.runSystem('which account pays for a tenant', (tx) =>
      tenants.findById(tx, tenantId),
    );
    if (tenant === null) return refused('there is no such tenant');
    if (tenant.distributionAccountType === 'DISTRIBUTION_ACCOUNT.STELLAR.ENV') return done(keys.host.account);
    if (tenant.distributionAccountType !== 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT') {
      return refused('the account of this tenant is not on the ledger');
    }
    const own = await uow.runSystem('the account of a tenant', (tx) => vault.payingKeyOf(tx, tenantId));
    const account = own?.account ?? (await keys.make({ purpose: 'distribution', tenantId }))[0];
    if (account === undefined) return 'later';
    if ((await reader.account(account)) !== null) return done(account);
    const { startingBalance } = this.parts;
    const outcome = await this.changeLedger({
      source: keys.host,
      feePayer: keys.host,
      operations: [{ kind: 'create-account', account, funder: keys.host, startingBalance }],
    });
    return outcome === 'done' ? done(account) : outcome;
  }

  private async setTrust(key: AccountKey, asset: Asset, limit: bigint): Promise<Step> {
    if (isNative(asset) || asset.issuer === key.account) return done(key.account);
    if (!isAccountAddress(asset.issuer)) return refused('the issuer is not a ledger account');
    const account = await this.context.reader.account(key.account);
    if (account === null) return 'later';
    const line = balanceLineOf(account, asset);
    if (limit > 0n ? line !== null : line === null) return done(key.account);
    if (limit === 0n && line !== null && line.balance > 0n)
      return refused('the account still holds this asset');
    const outcome = await this.changeLedger({
      source: key,
      feePayer: key,
      operations: [{ kind: 'change-trust', account: key, asset, limit }],
    });
    return outcome === 'done' ? done(key.account) : outcome;
  }

  private async changeLedger(setup: Setup): Promise<'done' | Step> {
    const outcome: SetupOutcome = await this.parts.setup.run(setup);
    if (outcome.kind === 'done') return 'done';
    if (outcome.kind === 'expired') return 'later';
    const final = outcome.codes.find((code) => FINAL_CODES.includes(code));
    return final === undefined ? 'later' : refused(final);
  }

  private async payingKey(tenantId: string): Promise<AccountKey | null> {
    const { tenants, vault, keys } = this.parts;
    const { tenant, own } = await this.context.uow.runSystem(
      'which account pays for a tenant',
      async (tx) => ({
        tenant: await tenants.findById(tx, tenantId),
        own: await vault.payingKeyOf(tx, tenantId),
      }),
    );
    if (tenant?.distributionAccountType !== 'DISTRIBUTION_ACCOUNT.STELLAR.ENV') return own;
    return isPaidFrom(keys.host.account, tenant) ? keys.host : null;
  }
}
