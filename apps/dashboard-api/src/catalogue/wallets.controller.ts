import {
  AssetsRepository,
  type WalletConflict,
  type WalletFilter,
  type WalletProvider,
  WalletsRepository,
} from '@libs/catalogue';
import { HttpProblem, QueryReader } from '@libs/http';
import { noteChange } from '@libs/identity';
import { assetName, isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { walletJson } from './catalogue-json';
import { CatalogueUse } from './catalogue-use.read-model';
import { type AssetReference, readWalletBody, type WalletBody, type WalletRules } from './wallet-body';

const SUPPORTED_ASSETS_MAX = 20;
/** Room for more ids than may be named, so that too many are refused and none is cut off. */
const SUPPORTED_ASSETS_LENGTH_MAX = 4_096;

@Controller('wallets')
export class WalletsController {
  private readonly rules: WalletRules;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wallets: WalletsRepository,
    private readonly assets: AssetsRepository,
    private readonly use: CatalogueUse,
    @Inject(SETTINGS) settings: StaffSettings,
  ) {
    this.rules = {
      networkPassphrase: settings.NETWORK_PASSPHRASE,
      allowPrivateClientDomain: settings.CLIENT_DOMAIN_ALLOW_PRIVATE,
    };
  }

  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: Record<string, unknown>,
  ): Promise<readonly object[]> {
    const filter = readFilter(query);
    const wallets = await this.unitOfWork.run(caller.context, (tx) => this.wallets.list(tx, filter));
    return wallets.map(walletJson);
  }

  @Post()
  @HttpCode(201)
  async add(@CurrentCaller() caller: Caller, @Body() body: unknown): Promise<object> {
    const wallet = readWalletBody(body, this.rules, { required: true });
    if (wallet.assets === undefined || wallet.assets.length === 0) {
      throw new HttpProblem(400, {
        error: 'invalid request body',
        extras: { assets: 'provide at least one asset' },
      });
    }
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const assetIds = await this.resolve(tx, wallet.assets ?? []);
      const added = await this.wallets.add(tx, {
        name: wallet.name ?? '',
        homepage: wallet.homepage ?? '',
        deepLinkSchema: wallet.deepLinkSchema ?? '',
        sep10ClientDomain: wallet.sep10ClientDomain ?? '',
        enabled: wallet.enabled ?? true,
        userManaged: false,
      });
      if (!added.ok) throw conflictProblem(added.error);
      await this.wallets.setAssets(tx, added.value, assetIds);
      const shown = await this.wallets.find(tx, added.value);
      if (shown === null) throw new HttpProblem(404);
      noteChange(tx, {
        subjectType: 'wallets',
        subjectId: shown.id,
        before: null,
        after: auditedWallet(shown),
      });
      return walletJson(shown);
    });
  }

  @Patch(':id')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<object> {
    const change: WalletBody = readWalletBody(body, this.rules, { required: false });
    if (Object.keys(change).length === 0) {
      throw new HttpProblem(400, {
        error: 'invalid request body',
        extras: { body: 'at least one field must be provided for update' },
      });
    }
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const before = isId(id) ? await this.wallets.lock(tx, id) : null;
      if (before === null) throw new HttpProblem(404);
      const { assets, ...fields } = change;
      const conflict = await this.wallets.conflict(tx, fields, id);
      if (conflict !== null) throw conflictProblem(conflict);
      if (assets !== undefined) await this.wallets.setAssets(tx, id, await this.resolve(tx, assets));
      await this.wallets.change(tx, id, fields);
      const after = (await this.wallets.find(tx, id)) ?? before;
      noteChange(tx, {
        subjectType: 'wallets',
        subjectId: id,
        before: auditedWallet(before),
        after: auditedWallet(after),
      });
      return walletJson(after);
    });
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    await this.unitOfWork.run(caller.context, async (tx) => {
      const wallet = isId(id) ? await this.wallets.lock(tx, id) : null;
      if (wallet === null) throw new HttpProblem(404);
      if (wallet.userManaged) {
        throw new HttpProblem(400, { error: 'the user managed wallet cannot be deleted' });
      }
      // Deleted first: what is added from now on finds it gone, what was added before is seen below.
      await this.wallets.delete(tx, id);
      const need = await this.use.needing(tx, id);
      if (need !== null) throw new HttpProblem(400, { error: `wallet ${need} and cannot be deleted` });
      noteChange(tx, { subjectType: 'wallets', subjectId: id, before: auditedWallet(wallet), after: null });
    });
  }

  /** The ids of the assets that a body names. */
  private async resolve(tx: TenantTx, references: readonly AssetReference[]): Promise<string[]> {
    const ids: string[] = [];
    for (const reference of references) {
      if (reference.type === 'id') {
        const asset = isId(reference.id) ? await this.assets.find(tx, reference.id) : null;
        if (asset === null) throw new HttpProblem(400, { error: 'invalid asset ID' });
        ids.push(asset.id);
      } else {
        const asset = await this.assets.findByCode(tx, reference);
        if (asset === null) throw new HttpProblem(400, { error: 'failed to resolve asset references' });
        ids.push(asset.id);
      }
    }
    return [...new Set(ids)];
  }
}

const auditedWallet = ({ assets, ...wallet }: WalletProvider): object => ({
  ...wallet,
  assets: assets.map(assetName),
});

const conflictProblem = (conflict: WalletConflict): HttpProblem =>
  new HttpProblem(409, { error: `a wallet with this ${conflict} already exists` });

function readFilter(query: Record<string, unknown>): WalletFilter {
  const reader = new QueryReader(query);
  const refuse = (why: string): never => {
    throw new HttpProblem(400, { error: 'Error parsing request filters', extras: { validation_error: why } });
  };
  const flag = (name: string): boolean | undefined => {
    const text = reader.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text !== 'true' && text !== 'false') return refuse(`invalid '${name}' parameter value`);
    return text === 'true';
  };
  const supportedAssets = (reader.text('supported_assets', SUPPORTED_ASSETS_LENGTH_MAX) ?? '')
    .split(',')
    .map((asset) => asset.trim())
    .filter((asset) => asset !== '');
  if (supportedAssets.length > SUPPORTED_ASSETS_MAX) {
    return refuse(`supported_assets must name at most ${String(SUPPORTED_ASSETS_MAX)} assets`);
  }
  const [enabled, userManaged] = [flag('enabled'), flag('user_managed')];
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(userManaged === undefined ? {} : { userManaged }),
    includeDeleted: flag('include_deleted') ?? false,
    supportedAssets,
  };
}
