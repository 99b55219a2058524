import { hkdfSync } from 'node:crypto';

import {
  MfaCodesRepository,
  Passkeys,
  PasskeysRepository,
  RecoveryCodesRepository,
  SecondFactor,
  TotpSecretsRepository,
} from '@libs/identity';
import { Clock } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import type { FactoryProvider } from '@nestjs/common';

import { LOGGER, SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';

/** A key of its own for the secrets of authenticator apps, so that what opens one kind of value opens no other. */
const totpKeyOf = (pepper: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', pepper, new Uint8Array(), 'distributary totp secrets', 32));

type FactorParts = [
  StaffSettings,
  Clock,
  MfaCodesRepository,
  TotpSecretsRepository,
  RecoveryCodesRepository,
  PasskeysRepository,
  Passkeys,
];

/** The second factors, for sign-in, step-up and the people who set them up. */
export const FACTOR_PROVIDERS: readonly FactoryProvider[] = [
  { provide: MfaCodesRepository, useFactory: () => new MfaCodesRepository() },
  { provide: PasskeysRepository, useFactory: () => new PasskeysRepository() },
  {
    provide: Passkeys,
    inject: [PasskeysRepository],
    useFactory: (keys: PasskeysRepository) => new Passkeys(keys),
  },
  {
    provide: TotpSecretsRepository,
    inject: [SETTINGS, LOGGER],
    useFactory: (settings: StaffSettings, logger: Logger) =>
      new TotpSecretsRepository(totpKeyOf(settings.VERIFICATION_PEPPER), (userId, error) => {
        logger.error(
          { userId, error },
          'the secret of an authenticator app cannot be opened: see VERIFICATION_PEPPER in docs/keys.md',
        );
      }),
  },
  {
    provide: RecoveryCodesRepository,
    inject: [SETTINGS],
    useFactory: (settings: StaffSettings) => new RecoveryCodesRepository(settings.VERIFICATION_PEPPER),
  },
  {
    provide: SecondFactor,
    inject: [
      SETTINGS,
      Clock,
      MfaCodesRepository,
      TotpSecretsRepository,
      RecoveryCodesRepository,
      PasskeysRepository,
      Passkeys,
    ],
    useFactory: (...[settings, clock, codes, totp, recoveryCodes, passkeyRows, passkeys]: FactorParts) =>
      new SecondFactor({
        codes,
        totp,
        recoveryCodes,
        passkeyRows,
        passkeys,
        clock,
        pepper: settings.VERIFICATION_PEPPER,
      }),
  },
];
