import {
  ComingParts,
  InstructionsUpload,
  receiveFile,
  UploadProgress,
  UploadStores,
} from '@libs/disbursements';
import { newId } from '@libs/kernel';
import { APP_ROLES, Database, type TenantContext, UnitOfWork } from '@libs/persistence';
import {
  bindToReceiver,
  hashVerificationValue,
  RegistrationRepository,
  type VerificationVerdict,
} from '@libs/receivers';
import { Readable } from 'node:stream';
import { Client } from 'pg';

import { noneLeft, openUploadWorld, phone, UPLOADED, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

/** They are folded by a thousand. */
const MANY = 1_200;
const [BORN, CORRECTED, AGAIN] = ['1990-01-30', '1990-01-31', '1990-02-01'];

jest.setTimeout(120_000);

const fileOf = (from: number, rows: number, value: string): string =>
  [
    'phone,id,amount,verification',
    ...Array.from({ length: rows }, (_, n) => `${phone(from + n)},P-${String(from + n)},1,${value}`),
  ].join('\n');

describe('values by which a file replaces those of known people', () => {
  let world: UploadWorld;
  let superuser: Client;
  let recipients: Database;
  let context: TenantContext;
  let from = 500_000;

  beforeAll(async () => {
    world = await openUploadWorld();
    context = { tenantId: world.tenant.id, actor: 'receiver', trace: '' };
    recipients = new Database({ url: world.server.database.url('recipientApi'), applicationName: 'test' });
    superuser = new Client({ connectionString: world.server.database.superuserUrl });
    await superuser.connect();
    await superuser.query(
      `CREATE FUNCTION receivers.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$`,
    );
  });
  afterAll(async () => {
    await recipients.close();
    await superuser.end();
    await world.server.stop();
  });

  const numberOf = async (sql: string, values: unknown[] = []): Promise<number> =>
    Number(
      (await superuser.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values)).rows[0]?.n,
    );
  const arriving = (): Promise<number> => numberOf('receivers.arriving_verifications');
  const unsettled = (): Promise<number> => numberOf('disbursements.upload_jobs WHERE settled_at IS NULL');
  /** As if nothing had been heard for long enough of who published. */
  async function sweep(): Promise<void> {
    await superuser.query(
      `UPDATE disbursements.upload_jobs SET beat_at = now() - interval '1 minute' WHERE settled_at IS NULL AND state = 'PUBLISHED'`,
    );
    await world.server.app.get(UploadSweep).run();
  }
  const uploaded = async (rows: number, value: string, at = from): Promise<void> => {
    expect((await world.upload(await world.disbursement(), fileOf(at, rows, value))).body).toEqual(UPLOADED);
  };
  /** New people who were born on that day, as a file said that is published. */
  async function known(rows: number): Promise<string[]> {
    from += 10_000;
    await uploaded(rows, BORN);
    const { rows: found } = await superuser.query<{ id: string }>(
      'SELECT id FROM receivers.receivers WHERE phone_number BETWEEN $1 AND $2 ORDER BY id',
      [phone(from), phone(from + rows - 1)],
    );
    return found.map(({ id }) => id);
  }
  /** Staff's process dies as soon as it folds any of these. */
  async function whileNobodyFolds(ids: readonly string[], work: () => Promise<void>): Promise<void> {
    const kept = ids.map((id) => `'${id}'`).join();
    await superuser.query(
      `CREATE OR REPLACE TRIGGER keep BEFORE DELETE ON receivers.arriving_verifications FOR EACH ROW
         WHEN (current_user = '${APP_ROLES.dashboardApi}' AND OLD.receiver_id IN (${kept})) EXECUTE FUNCTION receivers.keep()`,
    );
    try {
      await work();
    } finally {
      await superuser.query('DROP TRIGGER keep ON receivers.arriving_verifications');
      world.server.logs.length = 0;
    }
  }
  /** The answer to somebody who registers with that value, kept or taken back. */
  async function told(receiverId: string, value: string, isKept = false): Promise<VerificationVerdict> {
    const { VERIFICATION_PEPPER: pepper } = world.server.platform.settings;
    const field = 'DATE_OF_BIRTH' as const;
    const hash = hashVerificationValue({ pepper, tenantId: world.tenant.id, field, value });
    const verdicts: VerificationVerdict[] = [];
    await new UnitOfWork(recipients)
      .run(context, async (tx) => {
        const claim = { receiverId, field, bound: bindToReceiver(hash, receiverId), withContacts: [] };
        verdicts.push(await new RegistrationRepository().verify(tx, { ...claim, channel: 'SMS' }));
        if (!isKept) throw new Error('taken back');
      })
      .catch((error: unknown) => {
        if (isKept) throw error;
      });
    return verdicts.at(-1) ?? 'exceeded';
  }
  const counting = async (receiverId: string): Promise<string[]> => {
    const values = [BORN, CORRECTED, AGAIN];
    const verdicts: VerificationVerdict[] = [];
    for (const value of values) verdicts.push(await told(receiverId, value));
    return values.filter((_, n) => verdicts[n] === 'right');
  };
  /** Uploads a file whose publication waits for a lock, with all of it there. */
  async function beforeTheFlip(content: string, then: () => Promise<void>) {
    const id = await world.disbursement();
    await superuser.query('BEGIN');
    await superuser.query('SELECT FROM disbursements.disbursements WHERE id = $1 FOR NO KEY UPDATE', [id]);
    const reply = world.upload(id, content);
    try {
      await world.server.waitsForLock();
      await then();
    } finally {
      await superuser.query('COMMIT');
    }
    return await reply;
  }

  it('count from its publication on, although nothing is folded; the clock ends what died half-way', async () => {
    const people = await known(MANY);
    const [first = '', second = '', third = '', last = ''] = [...people.slice(0, 3), ...people.slice(-1)];
    await whileNobodyFolds(people, async () => {
      const reply = await beforeTheFlip(fileOf(from, MANY, CORRECTED), async () => {
        expect(await arriving()).toBe(MANY);
        expect(await counting(first)).toEqual([BORN]);
        // Proved a moment before, so it stays.
        expect(await told(second, BORN, true)).toBe('right');
      });
      expect(reply.body).toEqual(UPLOADED);
      expect([await arriving(), await unsettled()]).toEqual([MANY, 1]);
      expect([await counting(first), await counting(last)]).toEqual([[CORRECTED], [CORRECTED]]);
      expect(await counting(second)).toEqual([BORN]);
      expect(await told(third, CORRECTED, true)).toBe('right');
      expect(await arriving()).toBe(MANY - 1);
    });
    await whileNobodyFolds([last], async () => {
      await sweep();
      expect([await arriving(), await unsettled()]).toEqual([MANY - 1 - 1_000, 1]);
      expect([await counting(first), await counting(last)]).toEqual([[CORRECTED], [CORRECTED]]);
    });
    await sweep();
    expect([await arriving(), await unsettled()]).toEqual([0, 0]);
    for (const one of [first, third, last]) expect(await counting(one)).toEqual([CORRECTED]);
    expect(await counting(second)).toEqual([BORN]);
    expect(
      await numberOf('receivers.verifications WHERE receiver_id = ANY($1) AND confirmed_at IS NOT NULL', [
        people,
      ]),
    ).toBe(2);
  });

  it('never count when it dies before its publication, and are swept', async () => {
    const people = await known(3);
    const reply = await beforeTheFlip(fileOf(from, 3, CORRECTED), async () => {
      expect(await arriving()).toBe(3);
      await superuser.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'dashboard-api test' AND wait_event_type = 'Lock'`,
      );
    });
    expect(reply.status).toBeGreaterThanOrEqual(500);
    for (let tries = 0; (await unsettled()) > 0 && tries < 100; tries += 1) await sweep();
    world.server.logs.length = 0;
    expect([await arriving(), await unsettled()]).toEqual([0, 0]);
    expect(await counting(people[0] ?? '')).toEqual([BORN]);
  });

  it('are those of the file that was published last, also where it says what was stored before the other', async () => {
    const people = await known(3);
    await whileNobodyFolds(people, async () => {
      await uploaded(3, CORRECTED);
      await uploaded(2, AGAIN);
      await uploaded(1, BORN);
      const counted = await Promise.all(people.map((one) => counting(one)));
      expect(counted.flat().sort()).toEqual([BORN, CORRECTED, AGAIN]);
    });
    await sweep();
    expect([await arriving(), await unsettled()]).toEqual([0, 0]);
    const folded = await Promise.all(people.map((one) => counting(one)));
    expect(folded.flat().sort()).toEqual([BORN, CORRECTED, AGAIN]);
  });

  it('are those of the file that was published last, also where another one changed them while it was on its way', async () => {
    const [one = ''] = await known(2);
    const { stores, unitOfWork } = {
      stores: world.server.app.get(UploadStores),
      unitOfWork: world.server.app.get(UnitOfWork),
    };
    const [uploadId, disbursementId] = [newId(), await world.disbursement()];
    await unitOfWork.run(context, (tx) => stores.jobs.claim(tx, { id: uploadId, disbursementId }));
    const file = await receiveFile(
      { uploadId, name: 'people.csv' },
      Readable.from([Buffer.from(fileOf(from, 2, BORN))]),
      (part, bytes) => unitOfWork.run(context, (tx) => stores.parts.add(tx, uploadId, part, bytes)),
    );
    const upload = world.server.app.get(InstructionsUpload);
    const order = { disbursementId, file, progress: new UploadProgress(), made: null };
    await unitOfWork.run(context, (tx) => upload.begin(tx, order, new ComingParts(uploadId, stores.parts)));
    await unitOfWork.session((session) =>
      upload.run(session, {
        order,
        context,
        left: noneLeft,
        publication: async (_tx, publish) => {
          await uploaded(2, CORRECTED);
          expect(await counting(one)).toEqual([CORRECTED]);
          await publish();
        },
      }),
    );
    expect(await counting(one)).toEqual([BORN]);
    expect([await arriving(), await unsettled()]).toEqual([0, 0]);
  });

  it('do not come back over what staff said after them, who see no tries at the value before', async () => {
    const [one = '', other = ''] = await known(2);
    expect(await told(one, AGAIN, true)).toBe('wrong');
    await whileNobodyFolds([other], async () => {
      await uploaded(2, CORRECTED);
      expect(await arriving()).toBe(2);
      const shown = await world.server.call('GET', `/receivers/${one}`, { token: world.token });
      expect(shown.body).toMatchObject({ verifications: [{ attempts: 0 }] });
      await uploaded(2, BORN);
      const edit = await world.server.call('PATCH', `/receivers/${one}`, {
        token: world.token,
        json: { date_of_birth: AGAIN },
      });
      expect(edit.status).toBe(200);
      expect(await counting(one)).toEqual([AGAIN]);
    });
    await sweep();
    expect([await arriving(), await unsettled()]).toEqual([0, 0]);
    expect([await counting(one), await counting(other)]).toEqual([[AGAIN], [BORN]]);
  });
});
