/** The hash of a ledger transaction (32 bytes), and the public key (`G…`) whose secret half is to sign it. */
export interface SignatureRequest {
  readonly key: string;
  readonly digest: Uint8Array;
}

/** The signer could not be asked, or did not answer in time. An outage: nothing was signed that anybody has. */
export class SignerUnavailableError extends Error {
  override readonly name = 'SignerUnavailableError';
}

/** The signer has no secret for a public key. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';

  constructor(readonly key: string) {
    super(`there is no key for ${key}`);
  }
}

/** Signs with secrets that the caller never sees. */
export abstract class Signer {
  /**
   * One ed25519 signature of 64 bytes per request, in their order. Hundreds at once cost one round trip.
   * Throws `UnknownKeyError` when a key is not here and `SignerUnavailableError` in an outage; then none is given.
   */
  abstract sign(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]>;
}
