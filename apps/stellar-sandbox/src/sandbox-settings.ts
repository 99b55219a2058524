/** How a sandbox network is set up. All durations are in milliseconds. */
export interface SandboxSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where ledgers are kept; `null` keeps them in memory only. */
  readonly dataDir: string | null;
  /** Ledgers close this often; 0 closes them only when asked to. */
  readonly closeMs: number;
  readonly passphrase: string;
  readonly friendbot: boolean;
  /** Operations that fit into one ledger. */
  readonly capacity: number;
  /** How long a submission waits for its ledger. */
  readonly submitTimeoutMs: number;
  readonly streamTickMs: number;
  /** Horizon servers in front of the network, each with its own history of it. */
  readonly nodes: number;
  readonly streamLifetimeMs: number;
}

export const DEFAULTS: SandboxSettings = {
  host: '127.0.0.1',
  port: 0,
  dataDir: null,
  closeMs: 1000,
  passphrase: 'Distributary Sandbox Network ; 2026',
  friendbot: true,
  capacity: 1000,
  submitTimeoutMs: 30_000,
  streamTickMs: 5000,
  nodes: 1,
  streamLifetimeMs: 55_000,
};
