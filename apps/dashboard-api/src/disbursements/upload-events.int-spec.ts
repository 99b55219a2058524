import { newId } from '@libs/kernel';

import { openUploadWorld, type UploadWorld } from '../testing/upload-world';

/** More than one look at the session, on a slow machine too; far less than the half hour that a stream may last. */
const SOON_MS = 15_000;

describe('the events of an upload', () => {
  let world: UploadWorld;
  beforeAll(async () => {
    world = await openUploadWorld();
  });
  afterAll(() => world.server.stop());

  /** A file that is being checked for as long as the test looks. */
  async function uploading(): Promise<string> {
    const id = await world.disbursement();
    await world.server.sql(
      `INSERT INTO disbursements.upload_jobs (tenant_id, id, disbursement_id, state, started_by, beat_at)
       VALUES ($1, $2, $3, 'CHECKING', 'user:test', now() + interval '1 hour')`,
      [world.tenant.id, newId(), id],
    );
    return id;
  }

  /** Somebody who has heard that the file is being checked; `end` resolves when they hear nothing more. */
  async function listening(
    token: string,
  ): Promise<{ readonly end: Promise<string>; readonly stop: () => void }> {
    const giveUp = new AbortController();
    const response = await fetch(`${world.server.url}/disbursements/${await uploading()}/upload/events`, {
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': '10.9.9.9' },
      signal: giveUp.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    expect(first?.value).toContain('"state":"CHECKING"');
    const end = (async () => {
      for (let rest = ''; ;) {
        const part = await reader?.read();
        if (part === undefined || part.done) return rest;
        rest += part.value;
      }
    })();
    return { end, stop: () => giveUp.abort() };
  }

  const still = async (end: Promise<string>, milliseconds: number): Promise<string> =>
    await Promise.race([
      end.then(() => 'ended'),
      new Promise<string>((resolve) => setTimeout(() => resolve('goes on'), milliseconds)),
    ]);

  it.each([
    ['signs out', `UPDATE identity.sessions SET ended_at = now() WHERE user_id = $1`],
    ['is switched off', `UPDATE identity.users SET is_active = false WHERE id = $1`],
    ['has another role', `UPDATE identity.users SET roles = '{developer}', is_owner = false WHERE id = $1`],
    [
      'has their organisation switched off',
      `UPDATE tenants.tenants t SET status = 'DEACTIVATED'
        FROM identity.users u WHERE u.id = $1 AND t.id = u.tenant_id`,
    ],
  ])('end when who listens %s', async (_what, sql) => {
    const { server, tenant } = world;
    const user = await server.user(tenant, 'owner');
    const { end } = await listening(await server.login(tenant, user.email));
    await server.sql(sql, [user.id]);
    expect(await still(end, SOON_MS)).toBe('ended');
  });

  it('go on for who may still see it', async () => {
    const { server, tenant } = world;
    await server.sql(`UPDATE tenants.tenants SET status = 'ACTIVATED' WHERE id = $1`, [tenant.id]);
    const { end, stop } = await listening(await server.tokenFor(tenant, 'owner'));
    expect(await still(end, 3_000)).toBe('goes on');
    stop();
    await end.catch(() => undefined);
  });
});
