import type { Client, PoolClient } from 'pg';

/** A connection to PostgreSQL, of the pool or of its own. */
export type Connection = PoolClient | Client;
