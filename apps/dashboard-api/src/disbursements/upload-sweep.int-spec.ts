import {
  ComingParts,
  InstructionsUpload,
  receiveFile,
  UploadLostError,
  UploadProgress,
  UploadStores,
} from '@libs/disbursements';
import { newId } from '@libs/kernel';
import { type TenantContext, type TenantSession, UnitOfWork } from '@libs/persistence';
import { Readable } from 'node:stream';

import { noneLeft, openUploadWorld, phone, phoneFile, type UploadWorld } from '../testing/upload-world';
import { UploadSweep } from './upload-sweep.service';

/** People arrive by two thousand. */
const PEOPLE = 2_500;

describe('what is left of an upload', () => {
  let world: UploadWorld;
  let sweep: UploadSweep;
  let stores: UploadStores;
  let unitOfWork: UnitOfWork;
  let context: TenantContext;

  beforeAll(async () => {
    world = await openUploadWorld();
    const { server, tenant } = world;
    sweep = server.app.get(UploadSweep);
    stores = server.app.get(UploadStores);
    unitOfWork = server.app.get(UnitOfWork);
    context = { tenantId: tenant.id, actor: 'system:test', trace: '' };
  });
  afterAll(() => world.server.stop());

  const claimed = async (): Promise<{ readonly id: string; readonly disbursementId: string }> => {
    const job = { id: newId(), disbursementId: await world.disbursement() };
    await unitOfWork.run(context, (tx) => stores.jobs.claim(tx, job));
    return job;
  };
  const silence = (id: string): Promise<unknown> =>
    world.server.sql(
      `UPDATE disbursements.upload_jobs SET beat_at = now() - interval '1 hour' WHERE id = $1`,
      [id],
    );
  const isSettled = async (id: string): Promise<unknown> => {
    const [row] = await world.server.sql(
      'SELECT settled_at IS NOT NULL AS settled FROM disbursements.upload_jobs WHERE id = $1',
      [id],
    );
    return row?.['settled'];
  };

  it('is swept although it fails for another one, and later for that one, too', async () => {
    const { server } = world;
    const [broken, other] = [await claimed(), await claimed()];
    await silence(broken.id);
    await silence(other.id);
    await server.sql(
      `CREATE FUNCTION disbursements.refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$`,
    );
    await server.sql(
      `CREATE TRIGGER broken BEFORE UPDATE ON disbursements.upload_jobs FOR EACH ROW
         WHEN (OLD.id = '${broken.id}') EXECUTE FUNCTION disbursements.refuse_one()`,
    );
    await sweep.run();
    expect([await isSettled(broken.id), await isSettled(other.id)]).toEqual([false, true]);
    await server.sql('DROP TRIGGER broken ON disbursements.upload_jobs');
    await sweep.run();
    expect(await isSettled(broken.id)).toBe(true);
  });

  it('is nobody, where a process goes on that was given up and swept', async () => {
    const { server } = world;
    const { id, disbursementId } = await claimed();
    const file = await receiveFile(
      { uploadId: id, name: 'people.csv' },
      Readable.from([Buffer.from(phoneFile(PEOPLE))]),
      (part, bytes) => unitOfWork.run(context, (tx) => stores.parts.add(tx, id, part, bytes)),
    );
    const people = async (): Promise<number> => {
      const [row] = await server.sql(
        'SELECT count(*)::int AS people FROM receivers.receivers WHERE phone_number BETWEEN $1 AND $2',
        [phone(0), phone(PEOPLE)],
      );
      return Number(row?.['people']);
    };
    let isGivenUp = false;
    /** Between the first people and the others, the process stands still for long, and the clock sweeps. */
    const standingStill = (session: TenantSession): TenantSession => ({
      run: async (one, work) => {
        if (!isGivenUp && (await people()) > 0) {
          isGivenUp = true;
          await silence(id);
          await sweep.run();
          expect([await people(), await isSettled(id)]).toEqual([0, true]);
        }
        return await session.run(one, work);
      },
    });
    const upload = server.app.get(InstructionsUpload);
    const order = { disbursementId, file, progress: new UploadProgress(), made: null };
    await unitOfWork.run(context, (tx) => upload.begin(tx, order, new ComingParts(id, stores.parts)));
    const goingOn = unitOfWork.session((session) =>
      upload.run(standingStill(session), {
        order,
        context,
        publication: (_tx, publish) => publish(),
        left: noneLeft,
      }),
    );
    await expect(goingOn).rejects.toBeInstanceOf(UploadLostError);
    expect([isGivenUp, await people(), await isSettled(id)]).toEqual([true, 0, true]);
  });

  it('is forgotten some hours after it was swept, as every reader of people has to ask for it', async () => {
    const { server } = world;
    const brought = async (): Promise<readonly unknown[]> =>
      (
        await server.sql(
          `SELECT id FROM disbursements.upload_jobs WHERE brought_people AND state <> 'PUBLISHED' ORDER BY id`,
        )
      ).map((row) => row['id']);
    const lost = async (): Promise<string> => {
      const { id } = await claimed();
      await server.sql('UPDATE disbursements.upload_jobs SET brought_people = true WHERE id = $1', [id]);
      await silence(id);
      await sweep.run();
      expect(await isSettled(id)).toBe(true);
      return id;
    };
    const old = await lost();
    expect(await brought()).toContain(old);
    await server.sql(`UPDATE disbursements.upload_jobs SET settled_at = now() - interval '3 hours'`);
    const young = await lost();
    expect(await brought()).toEqual([young]);
  });
});
