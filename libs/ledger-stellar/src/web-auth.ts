export {
  buildChallenge,
  type Challenge,
  CHALLENGE_LIFETIME_MS,
  type ChallengeCheck,
  type ChallengeError,
  type ChallengeRequest,
  checkSignatures,
  type ClientDomain,
  openChallenge,
  type OpenedChallenge,
} from './challenge';
export { isLinkSignedBy, signLink } from './link-signature';
export { signChallenge } from './sign-challenge';
export { ledgerKeyOf } from './signing-keys';
