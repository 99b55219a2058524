import { PUBLIC_NETWORK_PASSPHRASE, SettingsError } from '@libs/config';
import type { Logger } from '@libs/observability';
import type { Database } from '@libs/persistence';

import type { SubmissionSettings } from '../submission-settings';

interface Durability {
  readonly commits: string;
  readonly synchronous: string;
  /** How many servers follow this one; a role may count them that may see no more of them. */
  readonly followers: bigint;
}

/** With which a COMMIT is answered when the synchronous standbys have it on disk. */
const WAITS_FOR_STANDBYS = ['on', 'remote_apply'];

/**
 * "Committed before it is sent" only means something where a commit survives what may happen: a crash, and where there is
 * failover, the loss of the whole server. Throws `SettingsError` when it would not.
 */
export async function assertDurable(
  database: Database,
  settings: Pick<SubmissionSettings, 'DATABASE_FAILOVER' | 'NETWORK_PASSPHRASE'>,
  logger: Logger,
): Promise<void> {
  const { rows } = await database.pool.query<Durability>(
    `SELECT current_setting('synchronous_commit') AS commits,
            current_setting('synchronous_standby_names') AS synchronous,
            (SELECT count(*) FROM pg_stat_replication) AS followers`,
  );
  const [found] = rows;
  if (found === undefined) return;
  const { commits, synchronous, followers } = found;
  if (commits === 'off' && settings.NETWORK_PASSPHRASE === PUBLIC_NETWORK_PASSPHRASE)
    throw new SettingsError(['DATABASE_URL must name a database with synchronous_commit on']);
  if (settings.DATABASE_FAILOVER === 'STANDBY') {
    const wrong = [
      ...(synchronous === ''
        ? [
            'DATABASE_FAILOVER is STANDBY, and the database has no synchronous standby: set synchronous_standby_names, or what is promoted has forgotten payments',
          ]
        : []),
      ...(WAITS_FOR_STANDBYS.includes(commits)
        ? []
        : [
            `DATABASE_FAILOVER is STANDBY, and synchronous_commit is ${commits}: it must be on or remote_apply for the role of this app`,
          ]),
    ];
    if (wrong.length > 0) throw new SettingsError(wrong);
  } else if (synchronous === '' && Number(followers) > 0) {
    logger.warn(
      { followers: Number(followers) },
      'servers follow the database and none is a synchronous standby: where one may be promoted, set DATABASE_FAILOVER to STANDBY and synchronous_standby_names',
    );
  }
}
