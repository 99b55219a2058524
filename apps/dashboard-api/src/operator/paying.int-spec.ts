import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

describe('the emergency stop of the operator', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const stop = (json: unknown): ReturnType<TestServer['operate']> =>
    server.operate('POST', '/paying/stop', { json });
  const resume = (json: unknown): ReturnType<TestServer['operate']> =>
    server.operate('POST', '/paying/resume', { json });

  it('holds everything until it is lifted, and keeps who did so and why', async () => {
    const stopped = await stop({ reason: 'a key was stolen' });
    expect(stopped.status).toBe(200);
    const hold = {
      reason: 'a key was stolen',
      actor: `operator:${server.platform.settings.ADMIN_ACCOUNT}`,
      since: expect.stringMatching(/Z$/) as unknown,
    };
    const held = { stopped: true, holds: [hold], may_still_be_paid: [], may_still_be_paid_count: 0 };
    expect(stopped.body).toEqual(held);
    expect((await stop({ reason: ' a key was stolen ' })).body).toEqual(held);
    expect((await server.operate('GET', '/paying')).body).toEqual(held);
    const lifted = await resume({ reason: 'the key was changed' });
    expect([lifted.status, lifted.body]).toMatchObject([200, { stopped: false, holds: [] }]);
    const decisions = await server.sql(
      'SELECT kind, subject, actor, reason FROM submissions.operator_decisions ORDER BY decided_at',
    );
    const { actor } = hold;
    expect(decisions).toEqual([
      { kind: 'stop-paying', subject: 'a key was stolen', actor, reason: 'a key was stolen' },
      { kind: 'resume-paying', subject: 'a key was stolen', actor, reason: 'the key was changed' },
    ]);
  });

  it('is lifted by its name where there are several, one at a time', async () => {
    await stop({ reason: 'first' });
    await stop({ reason: 'second' });
    const which = await resume({ reason: 'checked' });
    expect([which.status, which.body]).toEqual([
      409,
      {
        error: 'say in "hold" which stop is to be lifted',
        extras: { hold: 'hold must be one of "first", "second"' },
      },
    ]);
    expect((await resume({ reason: 'checked', hold: 'third' })).status).toBe(409);
    const one = await resume({ reason: 'checked', hold: 'first' });
    expect(one.body).toMatchObject({ stopped: true, holds: [{ reason: 'second' }] });
    expect((await resume({ reason: 'checked' })).body).toMatchObject({ stopped: false });
    const none = await resume({ reason: 'checked' });
    expect([none.status, none.body]).toEqual([
      409,
      { error: 'nothing is stopped: there is nothing to resume' },
    ]);
  });

  it.each([
    undefined,
    {},
    [],
    'x',
    { reason: '' },
    { reason: 7 },
    { reason: 'x'.repeat(101) },
    { reason: '\0' },
  ])('refuses a bad reason: %j', async (json) => {
    const reply = await stop(json);
    expect(reply.status).toBe(400);
    expect((await server.operate('GET', '/paying')).body).toMatchObject({ stopped: false });
  });

  it('is for the operator only', async () => {
    const reply = await server.operate('POST', '/paying/stop', {
      json: { reason: 'mischief' },
      headers: { authorization: 'Basic eDp5' },
    });
    expect(reply.status).toBe(401);
    expect((await server.call('POST', '/paying/stop', { json: { reason: 'mischief' } })).status).toBe(404);
  });

  it('lists the payments that were sent before it, of whichever tenant', async () => {
    const world = await DisbursementWorld.make(server, 'org');
    world.fund(100n * 10_000_000n);
    const { id } = await world.started(2);
    const [sent = ''] = await world.movePayments(id, 'submit');
    await world.sentToLedger(sent);
    const reply = await stop({ reason: 'drill' });
    expect(reply.body).toMatchObject({
      may_still_be_paid_count: 1,
      may_still_be_paid: [{ tenant_id: world.tenant.id, payment_id: sent, dispatch: 1 }],
    });
  });
});
