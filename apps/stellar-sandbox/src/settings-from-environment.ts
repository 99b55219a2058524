import { readSettings } from '@libs/config';

import { DEFAULTS, type SandboxSettings } from './sandbox-settings';

export function settingsFromEnvironment(): SandboxSettings {
  const settings = readSettings([
    'SANDBOX_HOST',
    'SANDBOX_PORT',
    'SANDBOX_DATA_DIR',
    'SANDBOX_CLOSE_MS',
    'SANDBOX_PASSPHRASE',
    'SANDBOX_FRIENDBOT',
    'SANDBOX_LEDGER_CAPACITY',
    'SANDBOX_SUBMIT_TIMEOUT_MS',
    'SANDBOX_STREAM_TICK_MS',
    'SANDBOX_NODES',
  ]);
  return {
    ...DEFAULTS,
    host: settings.SANDBOX_HOST,
    port: settings.SANDBOX_PORT,
    dataDir: settings.SANDBOX_DATA_DIR ?? null,
    closeMs: settings.SANDBOX_CLOSE_MS,
    passphrase: settings.SANDBOX_PASSPHRASE,
    friendbot: settings.SANDBOX_FRIENDBOT,
    capacity: settings.SANDBOX_LEDGER_CAPACITY,
    submitTimeoutMs: settings.SANDBOX_SUBMIT_TIMEOUT_MS,
    streamTickMs: settings.SANDBOX_STREAM_TICK_MS,
    nodes: settings.SANDBOX_NODES,
  };
}
