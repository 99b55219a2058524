import { newId } from '@libs/kernel';

import { StaffMail } from '../provisioning/staff-mail.service';
import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';
import { addUser, type UserOrder } from './add-user';
import { CommandError } from './cli-platform';

describe('users add', () => {
  let server: TestServer;
  let acme: TestTenant;
  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());

  const add = async (order: Partial<UserOrder>): Promise<{ id: string; outcome: string }> =>
    await addUser(
      { unitOfWork: server.platform.unitOfWork, mail: server.app.get(StaffMail, { strict: false }) },
      {
        email: 'new@acme.test',
        firstName: 'New',
        lastName: 'Person',
        roles: ['business'],
        isOwner: false,
        tenantId: acme.id,
        password: null,
        ...order,
      },
    );
  const audited = (id: string) =>
    server.sql(
      `SELECT actor_type, actor_id, action, after FROM identity.audit_log WHERE subject_id = $1 ORDER BY seq`,
      [id],
    );

  it('invites a person by mail to choose a password, and leaves that in the audit log', async () => {
    const { id, outcome } = await add({});
    expect(outcome).toBe('added');
    expect(await server.newestLetter()).toContain('http://acme.staff.test/forgot-password');
    expect(await audited(id)).toEqual([
      {
        actor_type: 'operator',
        actor_id: 'command line',
        action: 'users add',
        after: { email: 'new@acme.test', roles: ['business'], is_owner: false },
      },
    ]);
    await expect(add({})).rejects.toThrow(new CommandError('a user with this email already exists'));
  });

  it('gives a person who is there a new password, and signs them out everywhere', async () => {
    const { id, email } = await server.user(acme, 'owner');
    const token = await server.login(acme, email);
    const password = 'Another-horse-8';
    expect(await add({ email, password })).toEqual({ id, outcome: 'password changed' });
    expect((await server.call('GET', '/profile', { token })).status).toBe(401);
    const headers = { 'SDP-Tenant-Name': 'acme' };
    const statusWith = async (given: string): Promise<number> =>
      (await server.call('POST', '/login', { headers, json: { email, password: given } })).status;
    expect(await statusWith(TEST_PASSWORD)).toBe(401);
    expect(await statusWith(password)).toBe(200);
    const [row] = await audited(id);
    expect(row).toMatchObject({ action: 'users add', after: { email, has_new_credentials: true } });
    expect(JSON.stringify(row)).not.toContain(password);
  });

  it('takes names that the staff API takes, and says what is wrong with others', async () => {
    const tooLong = add({ email: 'long@acme.test', firstName: 'x'.repeat(129), lastName: ' ' });
    await expect(tooLong).rejects.toThrow(
      new CommandError('first_name cannot exceed 128 characters\nlast_name is required'),
    );
  });

  it('needs an organisation that is there', async () => {
    const tenantId = newId();
    await expect(add({ tenantId })).rejects.toThrow(new CommandError(`there is no tenant ${tenantId}`));
  });
});
