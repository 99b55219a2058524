import {
  type AttemptInstructions,
  type BumpInstructions,
  LedgerSubmitter,
  type LedgerTransaction,
  type LookupAnswer,
  type LookupQuery,
  type NoOpInstructions,
  type Prepared,
  type SetupInstructions,
  type SubmitAnswer,
} from '@libs/ledger';

import type { KillSwitch } from '@libs/testing';

/** Two more points for each envelope: before its first byte leaves, and after the node has it but nobody heard of it. */
export class KillableSubmitter extends LedgerSubmitter {
  constructor(
    private readonly inner: LedgerSubmitter,
    private readonly kill: KillSwitch,
  ) {
    super();
  }

  override async submit(payload: string): Promise<SubmitAnswer> {
    this.kill.pass();
    const answer = await this.inner.submit(payload);
    this.kill.pass();
    return answer;
  }

  override async prepare(instructions: readonly AttemptInstructions[]): Promise<readonly Prepared[]> {
    return await this.inner.prepare(instructions);
  }

  override async prepareBump(instructions: readonly BumpInstructions[]): Promise<readonly Prepared[]> {
    return await this.inner.prepareBump(instructions);
  }

  override async prepareNoOp(instructions: readonly NoOpInstructions[]): Promise<readonly Prepared[]> {
    return await this.inner.prepareNoOp(instructions);
  }

  override async prepareSetup(instructions: SetupInstructions): Promise<Prepared> {
    return await this.inner.prepareSetup(instructions);
  }

  override async lookup(query: LookupQuery): Promise<LookupAnswer> {
    return await this.inner.lookup(query);
  }

  override evidence(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null {
    return this.inner.evidence(query, transaction);
  }
}
