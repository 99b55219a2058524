import { DisbursementWorld } from '../testing/disbursement-world';
import { letWalletTakeTheAsset } from '../testing/people';
import { TestServer } from '../testing/test-server';
import { TWICE_MONEY } from '../testing/twice-money';
import { TWICE_ORGANIZATION } from '../testing/twice-organization';
import { TWICE_PEOPLE } from '../testing/twice-people';
import type { Scene, Shot, TwiceCases } from '../testing/twice-scene';
import { PUBLIC_ROUTES, STAFF_ROUTES } from './route-access';

const CASES: TwiceCases = { ...TWICE_PEOPLE, ...TWICE_ORGANIZATION, ...TWICE_MONEY };

/** Routes whose second use at the same time has a meaning of its own, and where that is tested; the operator's are in operator/. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'POST /refresh-token': 'a token that comes twice ends the session: session/renewal.int-spec.ts',
  'POST /login': 'each sign-in opens a session of its own: session/session.int-spec.ts',
  'POST /mfa': 'a code works once: second-factor/factors-at-once.int-spec.ts',
  'POST /mfa/email': 'one letter per sign-in: session/second-factor.int-spec.ts',
  'POST /mfa/passkey-options': 'a newer question replaces the older one',
  'POST /step-up': 'a code works once: second-factor/factors-at-once.int-spec.ts',
  'POST /step-up/options': 'a newer question replaces the older one',
  'POST /profile/totp':
    'a newer secret replaces one that was not confirmed: second-factor/factors-at-once.int-spec.ts',
  'POST /profile/totp/confirm': 'a code works once: second-factor/factors-at-once.int-spec.ts',
  'DELETE /profile/totp': 'second-factor/factors-at-once.int-spec.ts',
  'POST /profile/passkeys/options': 'a newer question replaces the older one',
  'POST /profile/passkeys': 'an answer works once: second-factor/factors-at-once.int-spec.ts',
  'DELETE /profile/passkeys/:id': 'second-factor/factors-at-once.int-spec.ts',
  'POST /profile/recovery-codes':
    'newer codes replace the older ones: second-factor/factors-at-once.int-spec.ts',
  'DELETE /profile/devices': 'second-factor/factors-at-once.int-spec.ts',
  'DELETE /profile/devices/:id': 'second-factor/factors-at-once.int-spec.ts',
};

interface Effect {
  readonly before: unknown;
  readonly after: unknown;
  readonly statuses: readonly number[];
}

describe('two requests to the same route at the same time', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  beforeAll(async () => {
    server = await TestServer.start({ STEP_UP_MINUTES: '0' }, { ledgerPatienceMs: 20 });
    world = await DisbursementWorld.make(server, 'acme');
    await letWalletTakeTheAsset(world);
  });
  afterAll(() => server.stop());

  const mutating = [...STAFF_ROUTES, ...PUBLIC_ROUTES].filter(({ method }) => method !== 'GET');
  const names = mutating.map(({ method, path }) => `${method} ${path}`);

  it('are looked at on every route that changes something', () => {
    expect([...Object.keys(CASES), ...Object.keys(ELSEWHERE)].toSorted()).toEqual(names.toSorted());
  });

  /** What the shots did to a scene of their own, sent at once. */
  async function effectOf(
    given: (world: DisbursementWorld) => Promise<Scene>,
    shotsIn: (scene: Scene) => readonly Shot[],
  ): Promise<Effect> {
    const scene = await given(world);
    const before = await scene.state().catch(() => undefined);
    const replies = await Promise.all(shotsIn(scene).map((shot) => shot()));
    return { before, after: await scene.state(), statuses: replies.map(({ status }) => status) };
  }
  const isDone = (status: number): boolean => status >= 200 && status < 300;

  describe.each(Object.entries(CASES))('%s', (_route, { given, each }) => {
    let known: Promise<Effect> | null = null;
    const ofOne = (): Promise<Effect> => (known ??= effectOf(given, ({ one }) => [one]));

    it('with the same body have the effect of one', async () => {
      const alone = await ofOne();
      expect(alone.statuses.every(isDone)).toBe(true);
      expect(alone.after).not.toEqual(alone.before);
      const twice = await effectOf(given, ({ one }) => [one, one]);
      expect(Math.max(...twice.statuses)).toBeLessThan(500);
      expect(twice.statuses.some(isDone)).toBe(true);
      const expected = each === undefined ? alone.after : [alone.after, alone.after].flat();
      expect(twice.after).toEqual(expected);
    });

    it('with different bodies have the effect of one of them, and never a mix', async () => {
      const one = await ofOne();
      const other = await effectOf(given, (scene) => [scene.other ?? scene.one]);
      const both = await effectOf(given, (scene) => [scene.one, scene.other ?? scene.one]);
      expect(Math.max(...both.statuses)).toBeLessThan(500);
      expect(both.statuses.some(isDone)).toBe(true);
      if (each === undefined) expect([one.after, other.after]).toContainEqual(both.after);
      else expect(both.after).toEqual([one.after, other.after].flat());
    });
  });
});
