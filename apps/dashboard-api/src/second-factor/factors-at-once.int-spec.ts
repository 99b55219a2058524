import { generateSync } from 'otplib';

import { fieldOf } from '@libs/kernel';
import { SoftAuthenticator } from '../testing/soft-authenticator';
import { signInsOn } from '../testing/sign-ins';
import { type Reply, TestServer, type TestTenant } from '../testing/test-server';

const DEVICES = ['laptop', 'phone', 'tablet'];

describe('a second factor that is used several times at the same moment', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start({ DISABLE_MFA: 'false' });
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());
  // A sign-in of the test before may still wait on a device, and each try there counts for its person as well.
  beforeEach(() => server.sql('DELETE FROM identity.login_failures'));
  afterEach(() => jest.restoreAllMocks());

  const { headers, login, mfa, codeInTheMail } = signInsOn(() => server);
  const totpCode = (secret: string): string =>
    generateSync({ secret, epoch: Math.floor(server.platform.clock.now().getTime() / 1000) });
  const codesOf = (reply: Reply | undefined): string[] =>
    (fieldOf(reply?.body, 'recovery_codes') ?? []) as string[];
  const statusesOf = (replies: readonly Reply[]): number[] => replies.map(({ status }) => status).toSorted();
  const thrice = (send: () => Promise<Reply>): Promise<Reply[]> => Promise.all([send(), send(), send()]);
  /** A code of half a minute that was not shown yet. */
  const aMinuteLater = (): void => {
    const { clock } = server.platform;
    const now = clock.now().getTime() + 60_000;
    jest.spyOn(clock, 'now').mockReturnValue(new Date(now));
  };

  interface Person {
    readonly id: string;
    readonly email: string;
    readonly token: string;
  }
  async function person(): Promise<Person> {
    const user = await server.user(acme, 'owner');
    await login(user.email, 'first');
    const reply = await mfa({ mfa_code: await codeInTheMail() }, 'first');
    return { ...user, token: String(fieldOf(reply.body, 'token')) };
  }
  async function personWithApp() {
    const someone = await person();
    const begun = await server.call('POST', '/profile/totp', { token: someone.token });
    const secret = String(fieldOf(begun.body, 'secret'));
    const json = { code: totpCode(secret) };
    const confirmed = await server.call('POST', '/profile/totp/confirm', { token: someone.token, json });
    aMinuteLater();
    return { ...someone, secret, recoveryCodes: codesOf(confirmed) };
  }
  /** Adds a key in software; its answer may be sent again and again. */
  async function newKey(token: string) {
    const key = new SoftAuthenticator('http://acme.staff.test');
    const options = await server.call('POST', '/profile/passkeys/options', { token });
    const json = { name: 'blue key', response: key.register(options.body) };
    return { key, add: (): Promise<Reply> => server.call('POST', '/profile/passkeys', { token, json }) };
  }
  /** As many sessions as devices, each with its sign-in shown to be of the person, and some time ago. */
  async function sessionsOf({ id, email, recoveryCodes }: Person & { recoveryCodes: string[] }) {
    const tokens: string[] = [];
    for (const [at, device] of DEVICES.entries()) {
      await login(email, device);
      tokens.push(String(fieldOf((await mfa({ mfa_code: recoveryCodes[at] }, device)).body, 'token')));
    }
    await server.sql(
      `UPDATE identity.sessions SET proven_at = now() - interval '1 hour' WHERE user_id = $1`,
      [id],
    );
    for (const token of tokens) await server.call('POST', '/step-up/options', { token });
    return tokens;
  }
  const countOf = async (from: string, { id }: Person): Promise<unknown> =>
    (await server.sql(`SELECT count(*)::int AS count FROM identity.${from} user_id = $1`, [id]))[0]?.[
      'count'
    ];
  const sessions = (someone: Person): Promise<unknown> => countOf('sessions WHERE', someone);
  const provenNow = (someone: Person): Promise<unknown> =>
    countOf(`sessions WHERE proven_at > now() - interval '5 minutes' AND`, someone);

  describe('at sign-in', () => {
    it('opens one session by a code of the app, however many devices wait for it', async () => {
      const someone = await personWithApp();
      for (const device of DEVICES) await login(someone.email, device);
      const before = Number(await sessions(someone));
      const code = totpCode(someone.secret);
      const replies = await Promise.all(DEVICES.map((device) => mfa({ mfa_code: code }, device)));
      expect(statusesOf(replies)).toEqual([200, 401, 401]);
      expect(await sessions(someone)).toBe(before + 1);
    });

    it('opens one session by a recovery code, and the other nine are left', async () => {
      const someone = await personWithApp();
      for (const device of DEVICES) await login(someone.email, device);
      const before = Number(await sessions(someone));
      const [code] = someone.recoveryCodes;
      const replies = await Promise.all(DEVICES.map((device) => mfa({ mfa_code: code }, device)));
      expect(statusesOf(replies)).toEqual([200, 401, 401]);
      expect(await sessions(someone)).toBe(before + 1);
      const factors = await server.call('GET', '/profile/second-factors', { token: someone.token });
      expect(factors.body).toMatchObject({ recovery_codes_left: 9 });
    });

    it('opens one session on one device, whichever kind of proof comes', async () => {
      const someone = await personWithApp();
      const { key, add } = await newKey(someone.token);
      expect((await add()).status).toBe(201);
      const before = Number(await sessions(someone));
      const proofs: readonly (() => Promise<object>)[] = [
        async () => {
          const options = await server.call('POST', '/mfa/passkey-options', { headers: headers('laptop') });
          return { passkey: key.prove(options.body) };
        },
        async () => {
          await server.call('POST', '/mfa/email', { headers: headers('laptop') });
          return { mfa_code: await codeInTheMail() };
        },
        () => Promise.resolve({ mfa_code: totpCode(someone.secret) }),
        () => Promise.resolve({ mfa_code: someone.recoveryCodes[0] }),
      ];
      for (const [at, proof] of proofs.entries()) {
        await login(someone.email, 'laptop');
        const json = await proof();
        expect(statusesOf(await thrice(() => mfa(json, 'laptop')))).toEqual([200, 401, 401]);
        expect(await sessions(someone)).toBe(before + at + 1);
        await server.sql('DELETE FROM identity.login_failures');
      }
    });
  });

  describe('at a step-up', () => {
    it.each(['the app', 'paper'])('freshens one session by a code of %s', async (kind) => {
      const someone = await personWithApp();
      const tokens = await sessionsOf(someone);
      const code = kind === 'the app' ? totpCode(someone.secret) : someone.recoveryCodes[9];
      const replies = await Promise.all(
        tokens.map((token) => server.call('POST', '/step-up', { token, json: { code } })),
      );
      expect(statusesOf(replies)).toEqual([204, 400, 400]);
      expect(await provenNow(someone)).toBe(1);
    });

    it('judges no more wrong codes at once than one after the other', async () => {
      const someone = await personWithApp();
      const tokens = await sessionsOf(someone);
      await server.sql('DELETE FROM identity.login_failures');
      const guess = (token = ''): Promise<Reply> =>
        server.call('POST', '/step-up', { token, json: { code: '000000' } });
      for (let guesses = 0; guesses < 4; guesses += 1) expect((await guess(tokens[0])).status).toBe(400);
      // The next wrong one makes the person wait, for longer than the others take.
      await server.sql('UPDATE identity.login_failures SET failures = 12');
      expect(statusesOf(await Promise.all(tokens.map((token) => guess(token))))).toEqual([400, 429, 429]);
      await server.sql('DELETE FROM identity.login_failures');
    });

    it('takes back the count of a right code', async () => {
      const someone = await personWithApp();
      const [token = ''] = await sessionsOf(someone);
      await server.sql('DELETE FROM identity.login_failures');
      const json = { code: totpCode(someone.secret) };
      expect((await server.call('POST', '/step-up', { token, json })).status).toBe(204);
      expect(await server.sql('SELECT failures FROM identity.login_failures')).toEqual([]);
    });

    it('counts a code of the letter once', async () => {
      const someone = await person();
      const { token } = someone;
      await server.call('POST', '/step-up/options', { token });
      const json = { code: await codeInTheMail() };
      const replies = await thrice(() => server.call('POST', '/step-up', { token, json }));
      expect(statusesOf(replies)).toEqual([204, 400, 400]);
    });
  });

  describe('of a person', () => {
    it('is one secret, the newest, when several are asked for', async () => {
      const { token } = await person();
      const begun = await thrice(() => server.call('POST', '/profile/totp', { token }));
      expect(statusesOf(begun)).toEqual([201, 201, 201]);
      const confirmed: number[] = [];
      for (const { body } of begun) {
        const json = { code: totpCode(String(fieldOf(body, 'secret'))) };
        confirmed.push((await server.call('POST', '/profile/totp/confirm', { token, json })).status);
      }
      expect(confirmed.toSorted()).toEqual([200, 400, 400]);
    });

    it('is confirmed once, and the ten recovery codes that were shown are those that count', async () => {
      const someone = await person();
      const { token } = someone;
      const begun = await server.call('POST', '/profile/totp', { token });
      const json = { code: totpCode(String(fieldOf(begun.body, 'secret'))) };
      const replies = await thrice(() => server.call('POST', '/profile/totp/confirm', { token, json }));
      expect(statusesOf(replies)).toEqual([200, 400, 400]);
      expect(await countOf('recovery_codes WHERE', someone)).toBe(10);
      const shown = codesOf(replies.find(({ status }) => status === 200));
      await login(someone.email, 'laptop');
      expect((await mfa({ mfa_code: shown[9] }, 'laptop')).status).toBe(200);
    });

    it('is taken away once', async () => {
      const someone = await personWithApp();
      const { token } = someone;
      const replies = await thrice(() => server.call('DELETE', '/profile/totp', { token }));
      expect(statusesOf(replies)).toEqual([204, 404, 404]);
      expect(await countOf('recovery_codes WHERE', someone)).toBe(0);
    });

    it('is one key by one answer, and is taken away once', async () => {
      const someone = await person();
      const { token } = someone;
      const added = await thrice((await newKey(token)).add);
      expect(statusesOf(added)).toEqual([201, 400, 400]);
      expect(await countOf('passkeys WHERE', someone)).toBe(1);
      expect(await countOf('recovery_codes WHERE', someone)).toBe(10);
      const id = String(fieldOf(added.find(({ status }) => status === 201)?.body, 'id'));
      const removed = await thrice(() => server.call('DELETE', `/profile/passkeys/${id}`, { token }));
      expect(statusesOf(removed)).toEqual([204, 404, 404]);
      expect(await countOf('recovery_codes WHERE', someone)).toBe(0);
    });

    it('has ten recovery codes, all of one answer, when new ones are asked for several times', async () => {
      const someone = await personWithApp();
      const { token, email } = someone;
      const ask = (): Promise<Reply> => server.call('POST', '/profile/recovery-codes', { token });
      const replies = [...(await thrice(ask)), ...(await thrice(ask))];
      expect(statusesOf(replies)).toEqual(replies.map(() => 201));
      expect(await countOf('recovery_codes WHERE', someone)).toBe(10);
      const works: boolean[] = [];
      for (const reply of replies) {
        const tried: number[] = [];
        for (const code of codesOf(reply).slice(0, 2)) {
          await login(email, 'laptop');
          tried.push((await mfa({ mfa_code: code }, 'laptop')).status);
          await server.sql('DELETE FROM identity.login_failures');
        }
        expect(new Set(tried).size).toBe(1);
        works.push(tried[0] === 200);
      }
      expect(works.filter(Boolean)).toHaveLength(1);
    });

    it('shows codes once when two kinds are set up, and leaves none when both are taken away', async () => {
      const someone = await person();
      const { token } = someone;
      const { add } = await newKey(token);
      const begun = await server.call('POST', '/profile/totp', { token });
      const json = { code: totpCode(String(fieldOf(begun.body, 'secret'))) };
      const confirm = (): Promise<Reply> => server.call('POST', '/profile/totp/confirm', { token, json });
      const [key, app] = await Promise.all([add(), confirm()]);
      expect([key.status, app.status]).toEqual([201, 200]);
      expect([codesOf(key).length, codesOf(app).length].toSorted((a, b) => a - b)).toEqual([0, 10]);
      expect(await countOf('recovery_codes WHERE', someone)).toBe(10);
      const paths = [`/profile/passkeys/${String(fieldOf(key.body, 'id'))}`, '/profile/totp'];
      const gone = await Promise.all(paths.map((path) => server.call('DELETE', path, { token })));
      expect(statusesOf(gone)).toEqual([204, 204]);
      expect(await countOf('recovery_codes WHERE', someone)).toBe(0);
    });

    it('is asked for again on a device that was forgotten', async () => {
      const someone = await personWithApp();
      const { token, email, recoveryCodes } = someone;
      for (const [at, device] of DEVICES.entries()) {
        await login(email, device);
        await mfa({ mfa_code: recoveryCodes[at], remember_me: true }, device);
      }
      const factors = await server.call('GET', '/profile/second-factors', { token });
      const [device] = fieldOf(factors.body, 'remembered_devices') as { id: string }[];
      const path = `/profile/devices/${device?.id ?? ''}`;
      expect(statusesOf(await thrice(() => server.call('DELETE', path, { token })))).toEqual([204, 404, 404]);
      const all = await thrice(() => server.call('DELETE', '/profile/devices', { token }));
      expect(statusesOf(all)).toEqual([204, 204, 204]);
      const left = await server.call('GET', '/profile/second-factors', { token });
      expect(left.body).toMatchObject({ remembered_devices: [] });
    });
  });
});
