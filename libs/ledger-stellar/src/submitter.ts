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

import { Envelopes } from './envelopes';
import { evidenceIn, lookupAttempt } from './evidence-lookup';
import { HorizonNode } from './horizon-node';
import { HttpClient, type HttpTransport } from './http-client';
import { SubmissionEndpoint } from './submission-endpoint';

export { type HttpAnswer, type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
export { ledgerKeyFromBytes, ledgerKeyOf, newLedgerKey } from './signing-keys';

export interface StellarSubmitterOptions {
  readonly horizonUrls: readonly string[];
  readonly networkPassphrase: string;
  /** How servers are reached; over the network when it is left out. */
  readonly http?: HttpTransport;
}

/**
 * Moves money on the Stellar network through Horizon.
 *
 * Whether a destination asks for a memo (SEP-29) is not checked here: the memo was decided when the payment was made.
 */
export class StellarSubmitter extends LedgerSubmitter {
  private readonly http: HttpTransport;
  private readonly nodes: readonly HorizonNode[];
  private readonly endpoints: readonly SubmissionEndpoint[];
  private readonly envelopes: Envelopes;
  private next = 0;

  constructor({ horizonUrls, networkPassphrase, http = new HttpClient() }: StellarSubmitterOptions) {
    super();
    this.http = http;
    if (horizonUrls.length === 0) throw new Error('a submitter needs at least one Horizon server');
    const urls = horizonUrls.map((url) => url.replace(/\/+$/, ''));
    this.nodes = urls.map((url) => new HorizonNode(url, this.http));
    this.endpoints = urls.map((url) => new SubmissionEndpoint(url, this.http));
    this.envelopes = new Envelopes(networkPassphrase);
  }

  override prepare(instructions: AttemptInstructions): Prepared {
    return this.envelopes.attempt(instructions);
  }

  override prepareBump(instructions: BumpInstructions): Prepared {
    return this.envelopes.bump(instructions);
  }

  override prepareNoOp(instructions: NoOpInstructions): Prepared {
    return this.envelopes.noOp(instructions);
  }

  override prepareSetup(instructions: SetupInstructions): Prepared {
    return this.envelopes.setup(instructions);
  }

  override async submit(payload: string): Promise<SubmitAnswer> {
    const answer = await this.endpoint().post(payload);
    // The next envelope (also this one, when it is sent again) goes to another server.
    if (answer.kind === 'silent') this.next = (this.next + 1) % this.endpoints.length;
    return answer;
  }

  override async lookup(query: LookupQuery): Promise<LookupAnswer> {
    return await lookupAttempt(this.nodes, query);
  }

  override evidence(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null {
    return evidenceIn(query, transaction);
  }

  close(): void {
    this.http.close();
  }

  private endpoint(): SubmissionEndpoint {
    const endpoint = this.endpoints[this.next];
    if (endpoint === undefined) throw new Error('a submitter has at least one endpoint');
    return endpoint;
  }
}
