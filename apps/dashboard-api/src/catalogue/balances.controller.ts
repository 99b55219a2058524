import { formatAmount } from '@libs/kernel';
import { Controller, Get } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { LedgerAccountReader } from '../ledger/ledger-account-reader';

@Controller('balances')
export class BalancesController {
  constructor(private readonly reader: LedgerAccountReader) {}

  @Get()
  async show(@CurrentCaller() { tenant }: Caller): Promise<object> {
    const account = await this.reader.distributionAccountOf(tenant);
    return {
      account: {
        address: tenant.distributionAccountAddress,
        type: tenant.distributionAccountType,
        status: tenant.distributionAccountStatus,
      },
      balances: (account?.balances ?? []).map(({ asset, balance }) => ({
        amount: formatAmount(balance),
        asset_code: asset.code,
        asset_issuer: asset.issuer,
      })),
    };
  }
}
