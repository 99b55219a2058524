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
  type Signer,
  type SubmitAnswer,
} from '@libs/ledger';

import { Envelopes } from './envelopes';
import { evidenceIn, EvidenceLookup } from './evidence-lookup';
import { HorizonNode } from './horizon-node';
import { HttpClient, type HttpTransport } from './http-client';
import { SeedSigner } from './seed-signer';
import { SubmissionEndpoint } from './submission-endpoint';

export { type HttpAnswer, type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
export { SeedSigner } from './seed-signer';
export { ledgerKeyFromBytes, ledgerKeyOf, newLedgerKey } from './signing-keys';

export interface StellarSubmitterOptions {
  readonly horizonUrls: readonly string[];
  readonly networkPassphrase: string;
  /** Who signs what is prepared. Whoever only submits and looks up may leave it out. */
  readonly signer?: Signer;
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
  private readonly evidenceLookup: EvidenceLookup;
  private readonly endpoints: readonly SubmissionEndpoint[];
  private readonly envelopes: Envelopes;
  private next = 0;

  constructor({
    horizonUrls,
    networkPassphrase,
    signer = new SeedSigner(),
    http = new HttpClient(),
  }: StellarSubmitterOptions) {
    super();
    this.http = http;
    if (horizonUrls.length === 0) throw new Error('a submitter needs at least one Horizon server');
    const urls = horizonUrls.map((url) => url.replace(/\/+$/, ''));
    this.evidenceLookup = new EvidenceLookup(urls.map((url) => new HorizonNode(url, this.http)));
    this.endpoints = urls.map((url) => new SubmissionEndpoint(url, this.http));
    this.envelopes = new Envelopes(networkPassphrase, signer);
  }

  override async prepare(instructions: readonly AttemptInstructions[]): Promise<readonly Prepared[]> {
    return await this.envelopes.attempts(instructions);
  }

  override async prepareBump(instructions: readonly BumpInstructions[]): Promise<readonly Prepared[]> {
    return await this.envelopes.bumps(instructions);
  }

  override async prepareNoOp(instructions: readonly NoOpInstructions[]): Promise<readonly Prepared[]> {
    return await this.envelopes.noOps(instructions);
  }

  override async prepareSetup(instructions: SetupInstructions): Promise<Prepared> {
    return await this.envelopes.setup(instructions);
  }

  override async submit(payload: string): Promise<SubmitAnswer> {
    const endpoint = this.endpoint();
    const answer = await endpoint.post(payload);
    // The next envelope (also this one, when it is sent again) goes to another server; one step, however many fell silent.
    if (answer.kind === 'silent' && endpoint === this.endpoints[this.next]) {
      this.next = (this.next + 1) % this.endpoints.length;
    }
    return answer;
  }

  override async lookup(query: LookupQuery): Promise<LookupAnswer> {
    return await this.evidenceLookup.attempt(query);
  }

  override evidence(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null {
    return evidenceIn(query, transaction);
  }

  close(): void {
    this.http.close();
  }

  /** The one whose turn it is, or the next that need not be left alone now. */
  private endpoint(): SubmissionEndpoint {
    const turned = [...this.endpoints.slice(this.next), ...this.endpoints.slice(0, this.next)];
    const endpoint = turned.find(({ restMs }) => restMs === 0) ?? turned[0];
    if (endpoint === undefined) throw new Error('a submitter has at least one endpoint');
    return endpoint;
  }
}
