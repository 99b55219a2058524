import { type Grants, type Migration, schemaFor, systemTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const forAll = (privileges: string): Grants => ({
  dashboardApi: privileges,
  recipientApi: privileges,
  disbursementCore: privileges,
  messaging: privileges,
  transactionSubmission: privileges,
});

/** The bytes of an event and what is known about them without parsing; the same on its whole way. */
const EVENT_COLUMNS = `
  topic text NOT NULL,
  partition smallint NOT NULL CHECK (partition >= 0),
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb NOT NULL DEFAULT '{}'`;

class Eventing1763700050000 implements MigrationInterface {
  readonly name = 'Eventing1763700050000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...schemaFor('eventing'), ...TABLES, ...FUNCTIONS, ...GRANTS]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA eventing CASCADE');
  }
}

const TABLES = [
  // Rows are found by being there and deleted when the transport has them for good. CACHE 1: no session hoards numbers.
  `CREATE TABLE eventing.outbox (
     seq bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
     ${EVENT_COLUMNS},
     created_at timestamptz NOT NULL DEFAULT clock_timestamp()
   ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`,
  // The head of each partition of the log: the offset that its next event gets.
  `CREATE TABLE eventing.partitions (
     topic text NOT NULL,
     partition smallint NOT NULL,
     next_offset bigint NOT NULL,
     PRIMARY KEY (topic, partition)
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE eventing.log (
     ${EVENT_COLUMNS},
     event_offset bigint NOT NULL,
     published_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (topic, partition, event_offset)
   )`,
  // Where each consumer group is. The epoch rises with each new owner, so that a late commit of an old one misses.
  `CREATE TABLE eventing.consumer_offsets (
     consumer text NOT NULL,
     topic text NOT NULL,
     partition smallint NOT NULL,
     next_offset bigint NOT NULL DEFAULT 0,
     epoch bigint NOT NULL DEFAULT 0,
     lock_id integer GENERATED ALWAYS AS IDENTITY UNIQUE,
     PRIMARY KEY (consumer, topic, partition)
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE eventing.inbox (
     consumer text NOT NULL,
     event_id uuid NOT NULL,
     handled_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (consumer, event_id)
   )`,
  // Rows come in the order of time, so the small index does for deleting the oldest.
  `CREATE INDEX inbox_handled_at ON eventing.inbox USING brin (handled_at) WITH (pages_per_range = 16)`,
  `CREATE TABLE eventing.retry (
     position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     consumer text NOT NULL,
     ${EVENT_COLUMNS},
     event_id uuid NOT NULL,
     tenant_id uuid NOT NULL,
     ordered boolean NOT NULL,
     tries integer NOT NULL,
     errors jsonb NOT NULL DEFAULT '[]',
     next_try_at timestamptz NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     UNIQUE (consumer, event_id)
   )`,
  `CREATE INDEX retry_key ON eventing.retry (consumer, topic, key, position)`,
  `CREATE INDEX retry_due ON eventing.retry (consumer, next_try_at)`,
  `CREATE TABLE eventing.dead_letters (
     id uuid PRIMARY KEY,
     consumer text NOT NULL,
     ${EVENT_COLUMNS},
     reason text NOT NULL,
     errors jsonb NOT NULL DEFAULT '[]',
     event_id uuid,
     tenant_id uuid,
     status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'REPLAYED', 'DISCARDED')),
     created_at timestamptz NOT NULL DEFAULT now(),
     closed_at timestamptz,
     closed_by text
   )`,
  // An event that is delivered again after it was parked does not make a second letter.
  `CREATE UNIQUE INDEX dead_letters_once ON eventing.dead_letters (consumer, topic, sha256(value)) WHERE status = 'OPEN'`,
  `CREATE INDEX dead_letters_open ON eventing.dead_letters (created_at) WHERE status = 'OPEN'`,
  `CREATE TABLE eventing.job_clock (
     job text PRIMARY KEY,
     last_run_at timestamptz NOT NULL,
     runs bigint NOT NULL DEFAULT 1
   )`,
];

const FUNCTIONS = [
  // The only writer of the log. Each statement of it sees what was committed before the statement began, so the
  // lock comes first. -1: another process is at it.
  `CREATE FUNCTION eventing.relay_outbox(batch integer) RETURNS integer
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
   DECLARE
     moved integer;
     topics text[];
   BEGIN
     IF NOT pg_try_advisory_xact_lock(7310553, 1) THEN RETURN -1; END IF;
     WITH taken AS MATERIALIZED (
       DELETE FROM eventing.outbox
         WHERE seq = ANY (ARRAY (SELECT seq FROM eventing.outbox ORDER BY seq LIMIT batch))
         RETURNING seq, topic, partition, key, value, headers
     ), heads AS (
       INSERT INTO eventing.partitions AS p (topic, partition, next_offset)
         SELECT topic, partition, count(*) FROM taken GROUP BY topic, partition
         ON CONFLICT (topic, partition) DO UPDATE SET next_offset = p.next_offset + excluded.next_offset
         RETURNING p.topic, p.partition, p.next_offset
     ), logged AS (
       INSERT INTO eventing.log (topic, partition, key, value, headers, event_offset)
         SELECT t.topic, t.partition, t.key, t.value, t.headers,
                h.next_offset - row_number() OVER (PARTITION BY t.topic, t.partition ORDER BY t.seq DESC)
           FROM taken t JOIN heads h ON h.topic = t.topic AND h.partition = t.partition
         RETURNING 1
     )
     SELECT count(*), array_agg(DISTINCT topic) INTO moved, topics FROM taken;
     IF moved > 0 THEN
       PERFORM pg_notify('eventing_log', t) FROM unnest(topics) AS t;
     END IF;
     RETURN moved;
   END $$`,
  // Deletes what every known group has consumed, and of topics that nobody consumes (dead letters, which have a
  // table of their own) what is older than a week. Never an event that somebody still has to handle.
  `CREATE FUNCTION eventing.prune_log(keep interval, batch integer) RETURNS integer
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
   DECLARE pruned integer;
   BEGIN
     WITH consumed AS (
       SELECT p.topic, p.partition, coalesce(min(o.next_offset), CASE WHEN p.topic LIKE '%.dlq' THEN p.next_offset ELSE 0 END) AS upto,
              count(o.consumer) = 0 AS unread
         FROM eventing.partitions p
         LEFT JOIN eventing.consumer_offsets o ON o.topic = p.topic AND o.partition = p.partition
        GROUP BY p.topic, p.partition
     ), old AS (
       SELECT l.topic, l.partition, l.event_offset
         FROM consumed c
         JOIN eventing.log l ON l.topic = c.topic AND l.partition = c.partition AND l.event_offset < c.upto
        WHERE l.published_at < now() - CASE WHEN c.unread THEN greatest(keep, interval '7 days') ELSE keep END
        LIMIT batch
     )
     DELETE FROM eventing.log l USING old
       WHERE l.topic = old.topic AND l.partition = old.partition AND l.event_offset = old.event_offset;
     GET DIAGNOSTICS pruned = ROW_COUNT;
     RETURN pruned;
   END $$`,
  `REVOKE EXECUTE ON FUNCTION eventing.relay_outbox(integer), eventing.prune_log(interval, integer) FROM PUBLIC`,
];

const GRANTS = [
  ...systemTable('eventing.outbox', forAll('select, insert, delete')),
  ...systemTable('eventing.partitions', forAll('select')),
  ...systemTable('eventing.log', forAll('select')),
  ...systemTable('FUNCTION eventing.relay_outbox(integer)', forAll('execute')),
  ...systemTable('FUNCTION eventing.prune_log(interval, integer)', forAll('execute')),
  ...systemTable('eventing.consumer_offsets', forAll('select, insert, update')),
  ...systemTable('eventing.inbox', forAll('select, insert, delete')),
  ...systemTable('eventing.retry', forAll('select, insert, update, delete')),
  ...systemTable('eventing.dead_letters', forAll('select, insert, update')),
  ...systemTable('eventing.job_clock', forAll('select, insert, update')),
];

export const eventingTablesMigrations: readonly Migration[] = [Eventing1763700050000];
