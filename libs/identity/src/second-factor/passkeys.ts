import type { TenantTx } from '@libs/persistence';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';

import { fieldOf } from '@libs/kernel';
import type { StaffUser } from '../staff-user';
import type { PasskeyCredential, PasskeysRepository } from './passkeys.repository';

/** The site that passkeys belong to: the organisation's screens. */
export interface PasskeySite {
  /** Shown by the browser. */
  readonly name: string;
  /** Where the screens are, as the browser sees it (`https://staff.example.org`). */
  readonly origin: string;
}

/** In base64url: 1,023 bytes, as WebAuthn allows. */
const CREDENTIAL_ID_LENGTH_MAX = 1_364;

const siteIdOf = (site: PasskeySite): string => new URL(site.origin).hostname;

/** The shape that browsers send; what is in it is checked by its signature. */
const hasCredentialShape = (value: unknown, fields: readonly string[]): boolean =>
  typeof fieldOf(value, 'id') === 'string' &&
  typeof fieldOf(value, 'rawId') === 'string' &&
  fields.every((field) => typeof fieldOf(fieldOf(value, 'response'), field) === 'string');

const isRegistration = (value: unknown): value is RegistrationResponseJSON =>
  hasCredentialShape(value, ['clientDataJSON', 'attestationObject']);

const isAssertion = (value: unknown): value is AuthenticationResponseJSON =>
  hasCredentialShape(value, ['clientDataJSON', 'authenticatorData', 'signature']);

/** Security keys and passkeys (WebAuthn level 2), as a second factor. */
export class Passkeys {
  constructor(private readonly keys: PasskeysRepository) {}

  /** What the browser needs to make a new passkey. */
  async registrationOptions(
    tx: TenantTx,
    user: StaffUser,
    site: PasskeySite,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const known = await this.keys.list(tx, user.id);
    const options = await generateRegistrationOptions({
      rpName: site.name,
      rpID: siteIdOf(site),
      userName: user.email,
      userDisplayName: `${user.firstName} ${user.lastName}`,
      userID: Uint8Array.from(Buffer.from(user.id, 'utf8')),
      attestationType: 'none',
      excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    });
    await this.keys.ask(tx, user.id, options.challenge);
    return options;
  }

  /** The new passkey, checked; null when the answer does not fit the question. */
  async checkRegistration(
    tx: TenantTx,
    user: StaffUser,
    answer: { readonly site: PasskeySite; readonly response: unknown },
  ): Promise<PasskeyCredential | null> {
    const challenge = await this.keys.takeChallenge(tx, user.id);
    const { response, site } = answer;
    if (challenge === null || !isRegistration(response)) return null;
    try {
      const { registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: site.origin,
        expectedRPID: siteIdOf(site),
        requireUserVerification: false,
      });
      if (registrationInfo === undefined) return null;
      const { id, publicKey, counter, transports } = registrationInfo.credential;
      if (id.length > CREDENTIAL_ID_LENGTH_MAX) return null;
      return { credentialId: id, publicKey, counter, transports: transports ?? [] };
    } catch {
      // The library throws for every answer that is malformed or signed by something else.
      return null;
    }
  }

  /** What the browser needs to use a passkey of one of these people; null when nobody has any. */
  async proofOptions(
    tx: TenantTx,
    userIds: readonly string[],
    site: PasskeySite,
  ): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
    const known: PasskeyCredential[] = [];
    for (const userId of userIds) known.push(...(await this.keys.list(tx, userId)));
    if (known.length === 0) return null;
    return await generateAuthenticationOptions({
      rpID: siteIdOf(site),
      allowCredentials: known.map(({ credentialId, transports }) => ({
        id: credentialId,
        transports: [...transports],
      })),
      userVerification: 'preferred',
    });
  }

  /** Whether the answer was signed by a passkey of the person, for this challenge. */
  async checkProof(
    tx: TenantTx,
    userId: string,
    answer: { readonly site: PasskeySite; readonly response: unknown; readonly challenge: string },
  ): Promise<boolean> {
    const { response, site, challenge } = answer;
    if (!isAssertion(response)) return false;
    const known = await this.keys.list(tx, userId);
    const key = known.find(({ credentialId }) => credentialId === response.id);
    if (key === undefined) return false;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: site.origin,
        expectedRPID: siteIdOf(site),
        requireUserVerification: false,
        credential: { id: key.credentialId, publicKey: key.publicKey, counter: key.counter },
      });
      if (!verified) return false;
      await this.keys.noteUse(tx, userId, key.credentialId, authenticationInfo.newCounter);
      return true;
    } catch {
      return false;
    }
  }
}
