import type { Keypair } from '@stellar/stellar-sdk';

import { units } from '../../../stellar-sandbox/src/testing/conformance/stage';
import { payee, type Payee } from './engine-world';

/** Flags of an issuer's account and of a trustline, as the protocol numbers them. */
export const AUTH_REVOCABLE = 2;
export const AUTHORIZED = 1;

/** Somebody on the stage who is to be paid. */
export const to = (key: Keypair, amount = units(2)): Payee => ({
  ...payee(amount),
  destination: key.publicKey(),
});
