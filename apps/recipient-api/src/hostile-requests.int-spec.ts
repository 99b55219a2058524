import { BIRTHDAY, newKey, RecipientWorld, type TestTenant } from './testing/recipient-world';

/** Values that no field expects; as JSON, and as the text of a form or a query. */
const WRONG: readonly unknown[] = [
  ...[{ toString: 1 }, { length: 3 }, [{}], [[null]], null, true, -1.5, 1e308],
  ...['', 'a\u0000b', '\ud800', 'x'.repeat(70_000), '٣', "'; --", '{{.OrganizationName}}'],
];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

interface Hostile {
  readonly path: string;
  readonly token: 'wallet' | 'page' | 'none';
  /** A right body: each of its fields is made wrong in turn. */
  readonly body?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** Whatever strangers send, the answer is theirs to read: never that we failed. */
describe('whatever is sent to the recipients’ API', () => {
  let world: RecipientWorld;
  let tenant: TestTenant;
  let tokens: { readonly wallet: string; readonly page: string; readonly none: undefined };
  let id: string;

  beforeAll(async () => {
    world = await RecipientWorld.start();
    tenant = await world.givenTenant();
    const { wallet, token, id: deposit } = await world.atThePage(tenant);
    tokens = { wallet, page: token, none: undefined };
    id = deposit;
  });
  afterAll(() => world.close());

  const routes = (): readonly Hostile[] => [
    {
      ...{ path: '/sep10/auth', token: 'none' },
      query: {
        account: newKey().address,
        memo: '7',
        home_domain: 'pay.test',
        client_domain: world.clientDomain,
      },
    },
    { path: '/sep10/auth', token: 'none', body: { transaction: 'AAAA' } },
    { path: '/sep24/info', token: 'none', query: { lang: 'en' } },
    {
      ...{ path: '/sep24/transactions/deposit/interactive', token: 'wallet' },
      body: {
        asset_code: 'USDC',
        asset_issuer: '',
        account: newKey().address,
        amount: '1',
        lang: 'es',
        memo: '1',
      },
    },
    { path: '/sep24/transaction', token: 'wallet', query: { id } },
    { path: '/sep24-interactive-deposit/info', token: 'page', query: { lang: 'en' } },
    {
      ...{ path: '/sep24-interactive-deposit/otp', token: 'page' },
      body: { phone_number: '+14155550100', recaptcha_token: 'x' },
    },
    {
      ...{ path: '/sep24-interactive-deposit/verification', token: 'page' },
      body: {
        ...{ phone_number: '+14155550100', otp: '123456', recaptcha_token: 'x' },
        ...{ verification: BIRTHDAY, verification_field: 'DATE_OF_BIRTH' },
      },
    },
    { path: '/sep24-interactive-deposit/start', token: 'none', query: { token: tokens.page, lang: 'en' } },
    {
      ...{ path: '/sep24-interactive-deposit/start', token: 'none' },
      body: { token: tokens.page, contact: '+14155550100' },
      query: { lang: 'en' },
    },
    {
      ...{ path: '/sep24-interactive-deposit/register', token: 'none' },
      body: { token: tokens.page, contact: '+14155550100', otp: '123456', verification: BIRTHDAY },
    },
    { path: '/.well-known/stellar.toml', token: 'none', query: { x: '1' } },
    { path: '/organization/logo', token: 'none', query: { x: '1' } },
    { path: '/r/abc', token: 'none', query: { x: '1' } },
  ];

  type Sent = Parameters<RecipientWorld['request']>[2];
  const failures: string[] = [];
  async function send(path: string, sent: Sent, what: string): Promise<void> {
    const { status, text } = await world.request(tenant, path, sent);
    if (status >= 500) failures.push(`${what}: ${String(status)} ${text.slice(0, 200)}`);
  }

  /** Each field and each parameter wrong in turn, as JSON, as a form, twice, and as a path of its own. */
  async function attack({ path, token, body, query = {} }: Hostile): Promise<void> {
    const bearer = tokens[token];
    const own = bearer === undefined ? {} : { token: bearer };
    const search = new URLSearchParams(query).toString();
    for (const value of WRONG) {
      for (const name of Object.keys(body ?? {})) {
        const json = { ...body, [name]: value };
        const form = { ...body, [name]: textOf(value) };
        await send(
          `${path}?${search}`,
          { ...own, json },
          `${path} JSON ${name}=${textOf(value).slice(0, 40)}`,
        );
        await send(
          `${path}?${search}`,
          { ...own, form },
          `${path} form ${name}=${textOf(value).slice(0, 40)}`,
        );
      }
      if (body !== undefined)
        await send(path, { ...own, json: value }, `${path} JSON ${textOf(value).slice(0, 40)}`);
      for (const name of Object.keys(query)) {
        const wrong = new URLSearchParams(query);
        wrong.set(name, textOf(value).slice(0, 8_000));
        wrong.append(name, 'again');
        wrong.append(`${name}[a]`, 'nested');
        await send(`${path}?${wrong.toString()}`, own, `${path} query ${name}=${textOf(value).slice(0, 40)}`);
      }
    }
  }

  it('never makes it fail', async () => {
    for (const route of routes()) await attack(route);
    expect(failures.splice(0)).toEqual([]);
  }, 180_000);

  it('never makes it fail by headers and paths', async () => {
    const headers = ['authorization', 'sdp-tenant-name', 'host', 'content-type', 'cookie', 'traceparent'];
    const values = [
      '',
      ' ',
      'Bearer',
      'Bearer a b',
      'Bearer ..',
      `Bearer ${'.'.repeat(4_000)}`,
      '\u00ff\u00fe',
      '__proto__',
    ];
    for (const { path, body } of routes()) {
      for (const name of [
        ...headers,
        'x-forwarded-for',
        'x-forwarded-host',
        'accept-language',
        'device-id',
      ]) {
        for (const value of values) {
          const sent = { headers: { [name]: value }, ...(body === undefined ? {} : { json: body }) };
          await send(path, sent, `${path} ${name}: ${value.slice(0, 40)}`);
        }
      }
    }
    for (const code of ['%00', '%ff', '__proto__', 'x'.repeat(3_000), '%2e%2e%2f', '%F0%9F%92%A5']) {
      for (const path of ['/r/', '/sep24/', '/', '/.well-known/'])
        await send(`${path}${code}`, {}, `${path}${code}`);
    }
    expect(failures.splice(0)).toEqual([]);
  }, 180_000);
});
