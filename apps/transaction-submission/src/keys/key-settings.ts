import { isSet, readSettings, SettingsError } from '@libs/config';

/** Who holds the keys: this process, or the signer behind a socket. */
export type KeySettings =
  | {
      readonly kind: 'here';
      readonly hostSeed: string;
      /** The host account; the one that the seed was born with when it is left out. */
      readonly hostAccount?: string;
      readonly encryptionKeys: readonly [Uint8Array, ...Uint8Array[]];
    }
  | { readonly kind: 'signer'; readonly socket: string };

const KEPT_BY_THE_SIGNER = [
  'DISTRIBUTION_SEED',
  'KEY_ENCRYPTION_KEY',
  'KEY_ENCRYPTION_KEYS_READABLE',
] as const;

/** Throws `SettingsError` when both are named: a seed that is given to a process that needs none is a mistake. */
export function readKeySettings(): KeySettings {
  const { SIGNER_SOCKET: socket } = readSettings(['SIGNER_SOCKET'] as const);
  if (socket === undefined) return readHeldKeys();
  const extra = KEPT_BY_THE_SIGNER.filter((name) => isSet(name));
  if (extra.length > 0) {
    throw new SettingsError(
      extra.map((name) => `${name} must not be set together with SIGNER_SOCKET: only the signer holds keys`),
    );
  }
  return { kind: 'signer', socket };
}

/** The keys of the process that holds them. */
export function readHeldKeys(): Extract<KeySettings, { kind: 'here' }> {
  const settings = readSettings(KEPT_BY_THE_SIGNER);
  return {
    kind: 'here',
    hostSeed: settings.DISTRIBUTION_SEED,
    // The address that all apps know: it stays when the key is replaced.
    ...(isSet('DISTRIBUTION_PUBLIC_KEY')
      ? { hostAccount: readSettings(['DISTRIBUTION_PUBLIC_KEY'] as const).DISTRIBUTION_PUBLIC_KEY }
      : {}),
    encryptionKeys: [settings.KEY_ENCRYPTION_KEY, ...settings.KEY_ENCRYPTION_KEYS_READABLE],
  };
}
