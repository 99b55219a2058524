import { AssetsRepository, type CatalogueAsset } from '@libs/catalogue';
import { HttpProblem, QueryReader, readDto } from '@libs/http';
import { noteChange } from '@libs/identity';
import { assetName, formatAmount, isId, sameAsset } from '@libs/kernel';
import { isAccountAddress, type LedgerAccount } from '@libs/ledger';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { TenantsRepository } from '@libs/tenants';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { IsNotEmpty, IsOptional, IsString } from 'class-validator';
import type { Response } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
import { LedgerAccountReader } from '../ledger/ledger-account-reader';
import { LedgerAccounts } from '../provisioning/ledger-accounts.service';
import { assetJson } from './catalogue-json';
import { CatalogueUse } from './catalogue-use.read-model';

class NewAssetDto {
  @IsNotEmpty({ message: 'code is required' })
  @IsString({ message: 'code is required' })
  readonly code!: string;

  @IsOptional()
  @IsString({ message: 'issuer is invalid' })
  readonly issuer?: string;
}

const CODE = /^[A-Za-z0-9]{1,12}$/;

@Controller('assets')
export class AssetsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly assets: AssetsRepository,
    private readonly ledgerAccounts: LedgerAccounts,
    private readonly reader: LedgerAccountReader,
    private readonly tenants: TenantsRepository,
    private readonly use: CatalogueUse,
  ) {}

  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: Record<string, unknown>,
  ): Promise<readonly object[]> {
    const reader = new QueryReader(query);
    const wallet = reader.text('wallet');
    const enabled = reader.oneOf('enabled', ['true', 'false'], "invalid 'enabled' parameter value");
    // Not a wallet's id: no wallet has it, so no asset belongs to it.
    if (wallet !== null && !isId(wallet)) return [];
    const assets = await this.unitOfWork.run(caller.context, (tx) => this.assets.list(tx, wallet));
    if (reader.text('enabled') === null) return assets.map(assetJson);
    if (enabled === null) throw new HttpProblem(400, { error: "invalid 'enabled' parameter value" });
    const account = await this.reader.distributionAccountOf(caller.tenant);
    return assets
      .map((asset) => ({ ...assetJson(asset), ...trustOf(asset, account) }))
      .filter((asset) => asset.enabled === (enabled === 'true'));
  }

  /** Adds the asset and its trustline. Answers 202 when the trustline takes longer than a person waits. */
  @Post()
  @HttpCode(201)
  async add(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const wanted = readAsset(body);
    const needsTrust = wanted.issuer !== '' && wanted.issuer !== caller.tenant.distributionAccountAddress;
    const { asset, requestId } = await this.unitOfWork.run(caller.context, async (tx) => {
      const added = await this.assets.add(tx, wanted);
      // Under its name, because the audit log expects a secret under `code`.
      noteChange(tx, { ...subjectOf(added), before: null, after: { asset: assetName(added) } });
      return {
        asset: added,
        requestId: needsTrust ? await this.ledgerAccounts.requestTrust(tx, added) : null,
      };
    });
    if (requestId === null) return assetJson(asset);
    const answer = await this.ledgerAccounts.answerTo(caller.context, requestId);
    if (answer === null) {
      response.status(202);
      return { ...assetJson(asset), message: 'The asset was added. Its trustline is still being created.' };
    }
    if (answer.outcome === 'refused') {
      const why = answer.reason ?? 'no reason was given';
      throw new HttpProblem(422, { error: `Could not add trustline: ${why}` });
    }
    return assetJson(asset);
  }

  /**
   * Takes the asset out of use at once, then removes its trustline; when that is refused the asset is back. A trustline of
   * an account that other organisations pay from stays. Answers 202 when the ledger takes longer than a person waits.
   */
  @Delete(':id')
  @HttpCode(200)
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object | undefined> {
    const removal = await this.unitOfWork.run(caller.context, (tx) => this.beginRemoval(tx, id, caller));
    if (removal === null) {
      response.status(204);
      return undefined;
    }
    const { asset, requestId } = removal;
    if (requestId === null) return assetJson(asset);
    const answer = await this.ledgerAccounts.answerTo(caller.context, requestId);
    if (answer === null) {
      response.status(202);
      return { ...assetJson(asset), message: 'The asset was deleted. Its trustline is still being removed.' };
    }
    if (answer.outcome === 'refused') throw new HttpProblem(422, { error: notRemoved(answer.reason) });
    return assetJson(asset);
  }

  /** Null when the asset was deleted before. `requestId` is null where no trustline has to go. */
  private async beginRemoval(
    tx: TenantTx,
    id: string,
    caller: Caller,
  ): Promise<{ readonly asset: CatalogueAsset; readonly requestId: string | null } | null> {
    const asset = isId(id) ? await this.assets.findEver(tx, id) : null;
    if (asset === null) throw new HttpProblem(404, { error: 'could not find asset for deletion' });
    if (!(await this.assets.delete(tx, id))) return null;
    const paying = await this.use.payingIn(tx, id);
    if (paying !== null) {
      throw new HttpProblem(422, { error: `Could not remove the asset because ${paying} pays it` });
    }
    const { distributionAccountAddress, id: tenantId } = caller.tenant;
    const hasTrust = asset.issuer !== '' && asset.issuer !== distributionAccountAddress;
    const removesTrust = hasTrust && !(await this.tenants.sharesAccount(tx, tenantId));
    noteChange(tx, { ...subjectOf(asset), before: { asset: assetName(asset) }, after: null });
    const gone = await this.assets.findEver(tx, id);
    return {
      asset: gone ?? asset,
      requestId: removesTrust ? await this.ledgerAccounts.requestRemoval(tx, asset) : null,
    };
  }
}

const subjectOf = ({ id }: CatalogueAsset): { readonly subjectType: string; readonly subjectId: string } => ({
  subjectType: 'assets',
  subjectId: id,
});

const STILL_HOLDS = 'the account still holds this asset';

const notRemoved = (reason: string | null): string =>
  reason === STILL_HOLDS
    ? 'Could not remove trustline because distribution account still has balance'
    : `Could not remove trustline: ${reason ?? 'no reason was given'}`;

function readAsset(body: unknown): { readonly code: string; readonly issuer: string } {
  const { dto, extras } = readDto(NewAssetDto, body);
  const refuse = (more: Record<string, string>): never => {
    throw new HttpProblem(400, { error: 'Request invalid', extras: more });
  };
  if (Object.keys(extras).length > 0) return refuse({ ...extras });
  const code = dto.code.trim();
  const issuer = (dto.issuer ?? '').trim();
  if (issuer === '' && /^(xlm|native)$/i.test(code)) return { code: 'XLM', issuer: '' };
  if (!CODE.test(code)) return refuse({ code: 'code is invalid' });
  if (!isAccountAddress(issuer)) return refuse({ issuer: 'issuer is invalid' });
  return { code, issuer };
}

function trustOf(
  asset: CatalogueAsset,
  account: LedgerAccount | null,
): { readonly enabled: boolean; readonly balance: string } {
  const line = account?.balances.find((balance) => sameAsset(balance.asset, asset));
  const isOwn = asset.issuer === account?.address;
  return { enabled: isOwn || line !== undefined, balance: formatAmount(line?.balance ?? 0n) };
}
