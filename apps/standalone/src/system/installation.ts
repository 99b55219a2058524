import type { DatabaseAddress } from './database-address';
import type { DataFolder } from './data-folder';
import type { PortPlan } from './port-plan';

/** Of the standalone network only; the public networks have their own. */
export const NETWORK_PASSPHRASE = 'Standalone Network ; February 2017';

/** Addresses and keys of one system on one machine. */
export interface Installation {
  readonly data: DataFolder;
  readonly portBase: number;
  readonly ports: PortPlan;
  readonly database: DatabaseAddress;
  /** False when the user named a PostgreSQL of his own. */
  readonly embeddedPostgres: boolean;
  /** Events go over Kafka instead of PostgreSQL. */
  readonly kafka: boolean;
}

export const localUrl = (port: number): string => `http://127.0.0.1:${String(port)}`;

/** As wallets and people name it: the home domain of SEP-10 needs a name, not a number. */
export const recipientOrigin = (ports: PortPlan): string => `http://localhost:${String(ports.recipients)}`;
export const walletDomain = (ports: PortPlan): string => `localhost:${String(ports.wallet)}`;
