import { PUBLIC_NETWORK_PASSPHRASE, readSettings, SettingsError } from './read-settings';

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

describe('the settings of an app', () => {
  it('are read by their type, with defaults where nothing is set', () => {
    const settings = readSettings(['NUM_CHANNEL_ACCOUNTS', 'SINGLE_TENANT_MODE', 'HORIZON_URL'] as const, {
      NUM_CHANNEL_ACCOUNTS: '100',
      HORIZON_URL: 'http://127.0.0.1:8010/, https://horizon.example.org',
    });
    expect(settings).toEqual({
      NUM_CHANNEL_ACCOUNTS: 100,
      SINGLE_TENANT_MODE: false,
      HORIZON_URL: ['http://127.0.0.1:8010', 'https://horizon.example.org'],
    });
  });

  it('are refused with one message that names every bad variable', () => {
    const problems = problemsOf(() =>
      readSettings(['DATABASE_URL', 'PORT', 'HORIZON_URL', 'DISABLE_MFA', 'LOG_LEVEL'] as const, {
        PORT: '80000',
        HORIZON_URL: 'horizon.example.org',
        DISABLE_MFA: 'yes',
      }),
    );
    expect(problems).toEqual([
      'DATABASE_URL is required',
      'PORT must be from 0 to 65535',
      'HORIZON_URL must be http or https URLs, separated by commas',
      'DISABLE_MFA must be true or false',
    ]);
  });

  it('never repeat a secret in a message', () => {
    const [problem] = problemsOf(() =>
      readSettings(['DISTRIBUTION_SEED'] as const, { DISTRIBUTION_SEED: 'not-a-seed-but-secret' }),
    );
    expect(problem).toMatch(/^DISTRIBUTION_SEED must be/);
    expect(problem).not.toContain('not-a-seed');
  });

  it('take an empty variable for an absent one', () => {
    expect(readSettings(['BROKER_URLS', 'PORT'] as const, { BROKER_URLS: '', PORT: '' })).toEqual({
      BROKER_URLS: undefined,
      PORT: 8000,
    });
  });

  it.each(['DISABLE_MFA', 'CLIENT_DOMAIN_ALLOW_PRIVATE', 'ALLOW_TEST_OTP'] as const)(
    'refuse %s on the public network',
    (name) => {
      const environment = { NETWORK_PASSPHRASE: PUBLIC_NETWORK_PASSPHRASE, [name]: 'true' };
      expect(problemsOf(() => readSettings(['NETWORK_PASSPHRASE', name] as const, environment))).toEqual([
        `${name}=true is refused on the public network`,
      ]);
    },
  );

  it('refuse senders that send nothing on the public network, also as the default', () => {
    const environment = { NETWORK_PASSPHRASE: PUBLIC_NETWORK_PASSPHRASE };
    expect(
      problemsOf(() => readSettings(['NETWORK_PASSPHRASE', 'SMS_SENDER_TYPE'] as const, environment)),
    ).toEqual(['SMS_SENDER_TYPE=DRY_RUN is refused on the public network']);
  });
});
