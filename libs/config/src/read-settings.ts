import type { z } from 'zod';

import { SETTINGS, type SettingName } from './settings';

export type SettingsOf<Names extends readonly SettingName[]> = {
  readonly [Name in Names[number]]: z.output<(typeof SETTINGS)[Name]['schema']>;
};

/** One message that names every bad variable, so that nobody mends them one start at a time. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(
      `this process cannot start with these settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  }
}

/** The passphrase of the network where money is real. Conveniences for tests are refused on it. */
export const PUBLIC_NETWORK_PASSPHRASE = 'Public Global Stellar Network ; September 2015';

const refusedOnThePublicNetwork = {
  DISABLE_MFA: 'true',
  CLIENT_DOMAIN_ALLOW_PRIVATE: 'true',
  ALLOW_TEST_OTP: 'true',
  SMS_SENDER_TYPE: 'DRY_RUN',
  EMAIL_SENDER_TYPE: 'DRY_RUN',
} as const satisfies Partial<Record<SettingName, string>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the named variables once, at the start. Throws one `SettingsError` when any of them cannot be used. */
export function readSettings<const Names extends readonly SettingName[]>(
  names: Names,
  environment: Environment = process.env,
): SettingsOf<Names> {
  const problems: string[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of names) {
    // An empty variable counts as absent: that is how compose files and shells pass "not set".
    const raw = environment[name] === '' ? undefined : environment[name];
    const parsed = SETTINGS[name].schema.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  problems.push(...refusals(names, values));
  if (problems.length > 0) throw new SettingsError(problems);
  // Each name was parsed by its own schema just above, which is what the type says.
  return values as SettingsOf<Names>;
}

function refusals(names: readonly SettingName[], values: Partial<Record<SettingName, unknown>>): string[] {
  if (values.NETWORK_PASSPHRASE !== PUBLIC_NETWORK_PASSPHRASE) return [];
  return names.flatMap((name) => {
    const refused =
      name in refusedOnThePublicNetwork
        ? refusedOnThePublicNetwork[name as keyof typeof refusedOnThePublicNetwork]
        : undefined;
    return refused !== undefined && String(values[name]) === refused
      ? [`${name}=${refused} is refused on the public network`]
      : [];
  });
}
