import { HttpProblem } from '@libs/http';
import { type LedgerAccount, LedgerReader, LedgerUnreachableError } from '@libs/ledger';
import type { Tenant } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

/** What the tenant's account holds, asked of the ledger itself. */
@Injectable()
export class LedgerAccountReader {
  constructor(private readonly ledger: LedgerReader) {}

  /** Null for an account that is not on the ledger (yet). Answers 503 when no node does. */
  async distributionAccountOf(tenant: Tenant): Promise<LedgerAccount | null> {
    if (tenant.distributionAccountAddress === null) return null;
    try {
      return await this.ledger.account(tenant.distributionAccountAddress);
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      throw new HttpProblem(503, { error: 'The ledger does not answer at the moment. Please try again.' });
    }
  }
}
