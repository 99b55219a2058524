import type { Transaction } from '@stellar/stellar-sdk';

import { type LedgerKey, readEnvelope } from '../stellar/ledger-key';

type Operation = Transaction['operations'][number];
type ManageData = Extract<Operation, { type: 'manageData' }>;

export interface SignRequest {
  readonly transaction: string;
  readonly networkPassphrase: string;
}

/** Adds the wallet provider's signature to SEP-10 challenges that name it as client domain, and to nothing else. */
export class ClientDomainSigner {
  constructor(
    private readonly key: LedgerKey,
    private readonly options: { readonly domain: string; readonly networkPassphrase: string },
  ) {}

  get address(): string {
    return this.key.address;
  }

  /** The signed challenge, or null when it is not one that this provider should sign. */
  sign(request: SignRequest): string | null {
    if (request.networkPassphrase !== this.options.networkPassphrase) return null;
    let challenge: Transaction;
    try {
      challenge = readEnvelope(request.transaction, request.networkPassphrase);
    } catch {
      return null;
    }
    if (!this.isChallengeForUs(challenge)) return null;
    this.key.signEnvelope(challenge);
    return challenge.toXdr();
  }

  /** With sequence number 0 it can never be applied to a ledger, so a signature on it moves no money. */
  private isChallengeForUs(challenge: Transaction): boolean {
    return (
      challenge.sequence === '0' &&
      challenge.operations.every(isNote) &&
      challenge.operations
        .filter(isNote)
        .some(
          (operation) =>
            operation.name === 'client_domain' &&
            operation.source === this.key.address &&
            Buffer.from(operation.value ?? '').toString('utf8') === this.options.domain,
        )
    );
  }
}

const isNote = (operation: Operation): operation is ManageData => operation.type === 'manageData';
