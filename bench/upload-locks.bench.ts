import { type Benchmark, type BenchmarkReport, mustBe, rounded } from './benchmark';
import { peopleFile, withAddresses } from './people';
import { StaffSystem } from './staff-system';
import { LockWatch } from './system/lock-watch';

const LONGEST_TARGET_MS = 200;
/** A larger file with its disbursement is published as any other. */
const ROWS_OF_FORM = 10_000;

/**
 * How long anything is locked while a large file is published, while another one with the same people and other verification
 * values replaces it, while the draft is deleted, and while a file brings the addresses of the same people; how long the deletion is waited for; and how long people are locked who come in one
 * form with their disbursement.
 */
export const uploadLocksBenchmark: Benchmark = async ({
  n,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    const { sql } = system;
    await system.upload(await system.createDisbursement(), peopleFile(1_000, n).content);
    const watched = async <T>(
      what: string,
      work: () => Promise<T>,
      of?: 'people',
    ): Promise<{ longestMs: number; found: T }> => {
      const watch = await LockWatch.start(system.databaseUrl, of);
      const found = await work();
      await settled(system);
      const { ms: longestMs, statement } = await watch.stop();
      tell(`${what}: locks of at most ${longestMs.toFixed(0)} ms, the longest at: ${statement}`);
      return { longestMs, found };
    };
    const id = await system.createDisbursement();
    const file = peopleFile(n, 0);
    const first = await watched('first file', () => system.upload(id, file.content));
    const again = await watched('the same people again', () => system.upload(id, file.content));
    const changed = file.content.replaceAll(/,(\d{4})-(\d\d)-(\d\d)/g, ',1951-$2-$3');
    mustBe('whether the values differ', changed === file.content, false);
    const values = await watched('other values', () => system.upload(id, changed));
    const removal = await watched('deletion', () => system.delete(id));
    const { rows } = await sql.query<{ n: string }>(
      'SELECT count(*) AS n FROM disbursements.payments WHERE disbursement_id = $1',
      [id],
    );
    const byAddress = await system.createDisbursementByAddress();
    const addresses = await watched('addresses of the same people', () =>
      system.upload(byAddress, withAddresses(file.content)),
    );
    const form = peopleFile(Math.min(n, ROWS_OF_FORM), 2 * n);
    // Its payments are new with their disbursement: nobody can wait for them.
    const made = await watched('with its disbursement', () => system.create(form.content), 'people');
    mustBe('payments that are left of the deleted draft', rows[0]?.n, '0');
    await system.checkInvariants();
    return {
      id: 'upload-locks',
      n,
      metrics: {
        longestLockMs: rounded(Math.max(first.longestMs, again.longestMs, removal.longestMs)),
        changedValuesLockMs: rounded(values.longestMs),
        addressesLockMs: rounded(addresses.longestMs),
        withDisbursementLockMs: rounded(made.longestMs),
        deletionMs: rounded(removal.found),
      },
      targets: {
        longestLockMs: { atMost: LONGEST_TARGET_MS },
        changedValuesLockMs: { atMost: LONGEST_TARGET_MS },
        addressesLockMs: { atMost: LONGEST_TARGET_MS },
        withDisbursementLockMs: { atMost: LONGEST_TARGET_MS },
        deletionMs: { atMost: LONGEST_TARGET_MS },
      },
    };
  } finally {
    await system.stop();
  }
};

/** Until nothing is left to be done for any upload, nor taken away. */
async function settled(system: StaffSystem): Promise<void> {
  for (;;) {
    const { rows } = await system.sql.query<{ n: string }>(
      `SELECT (SELECT count(*) FROM disbursements.upload_jobs WHERE settled_at IS NULL)
            + (SELECT count(*) FROM disbursements.hidden_rows) AS n`,
    );
    if (rows[0]?.n === '0') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
