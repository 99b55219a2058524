import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Role } from '@libs/contracts';
import type { ManualClock } from '@libs/kernel';

import { DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

/** Longer than what was seen of a caller is believed. */
const LATE_MS = 1_200;
const STALL_MS = 6_000;
const TOKEN_ENDED_MS = 20 * 60_000;
const REFUSED = { status: 401, error: 'Not authorized.' };

interface Form {
  readonly method: string;
  readonly path: string;
  readonly start: string;
  readonly end: string;
}

/** The caller, and what takes their right away or leaves it. */
type Meanwhile = (who: { readonly id: string; readonly token: string }) => Promise<unknown>;

describe('a form that goes on coming while its sender', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let senders = 0;

  beforeAll(async () => {
    server = await TestServer.start({ STEP_UP_MINUTES: '0' }, { uploadStallMs: STALL_MS });
    own = await DisbursementWorld.make(server, 'acme');
  });
  beforeEach(() => server.sql('UPDATE tenants.organizations SET is_approval_required = true'));
  afterAll(() => server.stop());

  const field = (name: string, file = ''): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${file === '' ? '' : `; filename="${file}"`}\r\n\r\n`;
  const END = '\r\n--b--\r\n';

  /** Every road that reads a form of its own: each writes at once when it is let. */
  async function forms(): Promise<readonly Form[]> {
    const draft = await own.create();
    const [people, more] = [peopleFile(2), peopleFile(2)];
    const halves = (content: string): readonly [string, string] => [content.slice(0, 40), content.slice(40)];
    const [[start, rest], [first, others]] = [halves(people), halves(more)];
    return [
      {
        method: 'PATCH',
        path: '/organization',
        start: `${field('data')}{"is_approval_required"`,
        end: `: false}${END}`,
      },
      {
        method: 'POST',
        path: `/disbursements/${draft}/instructions`,
        start: field('file', 'a.csv') + start,
        end: rest + END,
      },
      {
        method: 'POST',
        path: '/disbursements',
        start: `${field('data')}${JSON.stringify(own.bodyOf())}\r\n${field('file', 'a.csv')}${first}`,
        end: others + END,
      },
    ];
  }

  function begin({ method, path, start }: Form, authorization: string): ClientRequest {
    senders += 1;
    const sent = request(server.url + path, {
      method,
      headers: {
        authorization,
        'content-type': 'multipart/form-data; boundary=b',
        'sdp-tenant-name': own.tenant.name,
        'x-forwarded-for': `10.4.0.${String(senders)}`,
      },
    });
    sent.write(start);
    return sent;
  }
  async function answerTo(
    sent: ClientRequest,
  ): Promise<{ readonly status: number; readonly error: unknown }> {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body: unknown = JSON.parse(await text(response));
    return { status: response.statusCode ?? 0, error: Reflect.get(Object(body) as object, 'error') };
  }

  /** All that the forms could have changed. */
  const kept = async (): Promise<unknown> => [
    await own.fingerprint(),
    await server.sql('SELECT is_approval_required FROM tenants.organizations'),
    await server.sql('SELECT count(*)::int FROM disbursements.upload_parts'),
    await server.sql('SELECT count(*)::int FROM disbursements.payments'),
  ];

  /** What each form is answered when `meanwhile` is done between its two halves. */
  async function answers(
    meanwhile: Meanwhile,
    { role = 'financial_controller', byKey = false }: { readonly role?: Role; readonly byKey?: boolean } = {},
  ): Promise<readonly unknown[]> {
    const { id, email } = await server.user(own.tenant, role);
    const token = await server.login(own.tenant, email);
    const key = byKey ? await server.apiKey(own.tenant, { createdBy: id, permissions: ['write:all'] }) : null;
    const all = await forms();
    const before = await kept();
    const sent = all.map((form) => begin(form, key ?? `Bearer ${token}`));
    const answered = sent.map(answerTo);
    await sleep(LATE_MS);
    expect(await kept()).toEqual(before);
    await meanwhile({ id, token });
    for (const [at, one] of sent.entries()) one.end(all[at]?.end);
    const given = await Promise.all(answered);
    const isTaken = given.some(({ status }) => status < 300);
    if (!isTaken) expect(await kept()).toEqual(before);
    return given;
  }

  it.each<readonly [string, Meanwhile]>([
    [
      'is switched off',
      ({ id }) => own.call('PATCH', '/users/activation', { user_id: id, is_active: false }),
    ],
    ['signs out', ({ token }) => server.call('POST', '/logout', { token })],
  ])('%s is refused, and changes nothing', async (_what, meanwhile) => {
    expect(await answers(meanwhile)).toEqual([REFUSED, REFUSED, REFUSED]);
  });

  it('gets another role is refused, and changes nothing', async () => {
    const refused = { status: 403, error: "You don't have permission to perform this action." };
    const given = await answers(({ id }) =>
      own.call('PATCH', '/users/roles', { user_id: id, roles: ['developer'] }),
    );
    expect(given).toEqual([refused, refused, refused]);
  });

  it('is a key that is revoked is refused, and changes nothing', async () => {
    const revoke: Meanwhile = ({ id }) =>
      server.sql('UPDATE identity.api_keys SET revoked_at = now() WHERE created_by = $1', [id]);
    const refused = { status: 401, error: 'Invalid API key' };
    expect(await answers(revoke, { byKey: true })).toEqual([refused, refused, refused]);
  });

  it('stays who they are is taken, although the time of the token is over', async () => {
    const clock = server.platform.clock as ManualClock;
    const given = await answers(async () => {
      clock.advanceMs(TOKEN_ENDED_MS);
      await Promise.resolve();
    });
    clock.advanceMs(-TOKEN_ENDED_MS);
    expect(given).toMatchObject([{ status: 200 }, { status: 200 }, { status: 201 }]);
  });

  it('says nothing ends with 408 where the organisation is changed, too', async () => {
    const [form] = await forms();
    if (form === undefined) throw new Error('there are forms');
    const { email } = await server.user(own.tenant, 'owner');
    const sent = begin(form, `Bearer ${await server.login(own.tenant, email)}`);
    expect(await answerTo(sent)).toMatchObject({ status: 408 });
    sent.destroy();
  }, 30_000);
});
