import type { LedgerAccount, LedgerKey } from '@libs/ledger';
import { buildChallenge, signChallenge } from '@libs/ledger-stellar/web-auth';
import { TransactionBuilder } from '@stellar/stellar-sdk/base';
import { parse } from 'smol-toml';

import { newKey, PASSPHRASE, RecipientWorld, type Answer, type TestTenant } from '../testing/recipient-world';

let world: RecipientWorld;
let acme: TestTenant;

beforeAll(async () => {
  world = await RecipientWorld.start();
  acme = await world.givenTenant();
});

afterAll(async () => {
  await world.close();
});

const challengeFor = async (client: LedgerKey, more = ''): Promise<string> => {
  const path = `/sep10/auth?account=${client.address}&client_domain=${world.clientDomain}${more}`;
  return String((await world.request(acme, path)).json['transaction']);
};
const signedBy = (envelope: string, ...keys: LedgerKey[]): string =>
  keys.reduce((text, key) => signChallenge(text, PASSPHRASE, key), envelope);
const redeem = (transaction: string): Promise<Answer> =>
  world.request(acme, '/sep10/auth', { json: { transaction } });
const question = async (query: string): Promise<unknown> => {
  const { status, json } = await world.request(acme, `/sep10/auth?${query}`);
  return [status, json['error']];
};

describe('stellar.toml', () => {
  it('tells the truth about the organisation and the ledger', async () => {
    const answer = await world.request(acme, '/.well-known/stellar.toml');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(parse(answer.text)).toMatchObject({
      SIGNING_KEY: world.serverKey.address,
      NETWORK_PASSPHRASE: PASSPHRASE,
      HORIZON_URL: 'http://horizon.test:8010',
      WEB_AUTH_ENDPOINT: 'http://pay.test/sep10/auth',
      TRANSFER_SERVER_SEP0024: 'http://pay.test/sep24',
      DOCUMENTATION: { ORG_NAME: 'Acme <& Co>' },
      CURRENCIES: [{ code: 'USDC' }, { code: 'native' }],
    });
  });

  it('speaks for the whole installation where no organisation is named', async () => {
    const { CURRENCIES, SIGNING_KEY } = parse((await world.request(null, '/.well-known/stellar.toml')).text);
    expect([CURRENCIES, SIGNING_KEY]).toEqual([undefined, world.serverKey.address]);
  });
});

describe('a challenge', () => {
  it('names account, home domain and wallet, and gives a token once', async () => {
    const client = newKey();
    const envelope = await challengeFor(client, '&memo=42');
    const read = TransactionBuilder.fromXdr(envelope, PASSPHRASE);
    expect(read.operations).toMatchObject([
      { type: 'manageData', name: 'pay.test auth', source: client.address },
      { type: 'manageData', name: 'web_auth_domain', source: world.serverKey.address },
      { type: 'manageData', name: 'client_domain', source: world.walletKey.address },
    ]);
    const signed = signedBy(envelope, client, world.walletKey);
    const [first, second] = await Promise.all([redeem(signed), redeem(signed)]);
    expect([first.status, second.status].sort()).toEqual([200, 400]);
    const token = String((first.status === 200 ? first : second).json['token']);
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      sub: `${client.address}:42`,
      iss: 'http://pay.test/auth',
      client_domain: world.clientDomain,
      home_domain: 'pay.test',
    });
    expect((await redeem(signed)).json).toEqual({ error: 'challenge validation failed' });
  });

  it('is also taken as a form, and as nothing else', async () => {
    const client = newKey();
    const signed = signedBy(await challengeFor(client), client, world.walletKey);
    const plain = { 'content-type': 'text/plain' };
    expect(
      await world.request(acme, '/sep10/auth', { json: { transaction: signed }, headers: plain }),
    ).toMatchObject({
      status: 400,
      json: {
        error: 'unsupported content type. Expected application/x-www-form-urlencoded or application/json',
      },
    });
    expect((await world.request(acme, '/sep10/auth', { form: { transaction: signed } })).status).toBe(200);
    expect((await world.request(acme, '/sep10/auth', { json: {} })).json).toEqual({
      error: 'transaction is required',
    });
  });

  it('is refused for what is no account, no home domain of ours or no id memo', async () => {
    const { address } = newKey();
    const domain = `client_domain=${world.clientDomain}`;
    expect(await question('')).toEqual([400, 'account is required']);
    expect(await question(`account=CAAA&${domain}`)).toEqual([
      400,
      'invalid account not a valid ed25519 public key',
    ]);
    expect(await question(`account=${address}&${domain}&memo=hello`)).toEqual([
      400,
      'invalid memo type - expected ID memo, got text',
    ]);
    expect(await question(`account=${address}&${domain}&home_domain=evil.test`)).toEqual([
      400,
      'invalid home_domain must match pay.test',
    ]);
    expect(await question(`account=${address}`)).toEqual([400, 'client_domain is required']);
    expect(await question(`account=${address}&client_domain=127.0.0.1:1`)).toEqual([
      400,
      'Failed to create challenge',
    ]);
    expect(await world.request(null, `/sep10/auth?account=${address}&${domain}`)).toMatchObject({
      status: 400,
      json: { error: 'Tenant not found in context' },
    });
  });
});

describe('the signatures of a challenge', () => {
  const onLedger = (client: LedgerKey, signers: Record<string, number>, medium: number): void => {
    const account: LedgerAccount = {
      address: client.address,
      sequence: 1n,
      latestLedger: 1,
      balances: [],
      signers: Object.entries(signers).map(([key, weight]) => ({ key, weight })),
      thresholds: { low: 0, medium, high: 0 },
      subentries: 0,
      sponsoring: 0,
      sponsored: 0,
      memoRequired: false,
    };
    world.ledgerAccounts.set(client.address, account);
  };

  it('reach the medium threshold of an account with several signers', async () => {
    const [client, second, third] = [newKey(), newKey(), newKey()];
    onLedger(client, { [client.address]: 1, [second.address]: 1, [third.address]: 1 }, 2);
    const tryWith = async (...keys: LedgerKey[]): Promise<number> =>
      (await redeem(signedBy(await challengeFor(client), world.walletKey, ...keys))).status;
    expect(await tryWith(client)).toBe(400);
    expect(await tryWith(second, third)).toBe(400);
    expect(await tryWith(client, second)).toBe(200);
    expect(await tryWith(client, second, newKey())).toBe(400);
  });

  it('hold that of the account itself, even where all thresholds are 0', async () => {
    const [client, second] = [newKey(), newKey()];
    onLedger(client, { [client.address]: 1, [second.address]: 1 }, 0);
    expect((await redeem(signedBy(await challengeFor(client), world.walletKey))).status).toBe(400);
    expect((await redeem(signedBy(await challengeFor(client), world.walletKey, second))).status).toBe(400);
    expect((await redeem(signedBy(await challengeFor(client), world.walletKey, client))).status).toBe(200);
  });

  it('hold that of the wallet’s domain', async () => {
    const client = newKey();
    expect((await redeem(signedBy(await challengeFor(client), client))).status).toBe(400);
  });

  it('are of no use on a challenge that we did not give, or gave for another home domain', async () => {
    const client = newKey();
    const made = {
      networkPassphrase: PASSPHRASE,
      account: client.address,
      memoId: null,
      clientDomain: { domain: world.clientDomain, signingKey: world.walletKey.address },
      now: new Date(),
    };
    const foreign = buildChallenge({
      ...made,
      server: newKey(),
      homeDomain: 'pay.test',
      webAuthDomain: 'pay.test',
    });
    const elsewhere = buildChallenge({
      ...made,
      server: world.serverKey,
      homeDomain: 'evil.test',
      webAuthDomain: 'pay.test',
    });
    const neverGiven = buildChallenge({
      ...made,
      server: world.serverKey,
      homeDomain: 'pay.test',
      webAuthDomain: 'pay.test',
    });
    for (const { envelope } of [foreign, elsewhere, neverGiven]) {
      expect((await redeem(signedBy(envelope, client, world.walletKey))).status).toBe(400);
    }
    for (const envelope of ['', 'AAAA', 'x'.repeat(60_000)])
      expect((await redeem(envelope)).status).toBe(400);
  });
});

describe('a client domain that a stranger chooses (W42)', () => {
  it('is not fetched from private addresses unless the settings allow it', async () => {
    const strict = await RecipientWorld.start({ CLIENT_DOMAIN_ALLOW_PRIVATE: 'false' });
    try {
      const tenant = await strict.givenTenant();
      for (const domain of [strict.clientDomain, 'localhost:1', '169.254.169.254', '10.0.0.1', '[::1]']) {
        const path = `/sep10/auth?account=${newKey().address}&client_domain=${encodeURIComponent(domain)}`;
        expect(await strict.request(tenant, path)).toMatchObject({
          status: 400,
          json: { error: 'Failed to create challenge' },
        });
      }
      expect(strict.fetched).toBe(0);
    } finally {
      await strict.close();
    }
  });

  it('is refused on the public network in the settings already', async () => {
    const passphrase = 'Public Global Stellar Network ; September 2015';
    await expect(
      RecipientWorld.start({ NETWORK_PASSPHRASE: passphrase, ALLOW_TEST_OTP: 'true' }),
    ).rejects.toThrow(
      /CLIENT_DOMAIN_ALLOW_PRIVATE=true is refused on the public network[^]*ALLOW_TEST_OTP=true is refused/,
    );
  });
});

describe('a deposit', () => {
  it('is for the account of the token, whatever the request says (W40)', async () => {
    const client = newKey();
    const token = await world.signIn(acme, client);
    const start = (json: object): Promise<Answer> =>
      world.request(acme, '/sep24/transactions/deposit/interactive', { token, json });
    expect(await start({ asset_code: 'USDC', account: newKey().address })).toMatchObject({ status: 400 });
    expect(await start({})).toMatchObject({ status: 400, json: { error: 'asset_code is required' } });
    expect((await start({ asset_code: 'EURC' })).status).toBe(400);
    expect(await start({ asset_code: 'native', account: client.address })).toMatchObject({
      status: 200,
      json: { type: 'interactive_customer_info_needed' },
    });
  });

  it('is known to the account that started it and to nobody else', async () => {
    const mine = await world.atThePage(acme);
    const theirs = await world.atThePage(acme);
    const ask = (token: string, id: string): Promise<Answer> =>
      world.request(acme, `/sep24/transaction?id=${id}`, { token });
    expect(await ask(mine.wallet, mine.id)).toMatchObject({
      status: 200,
      json: {
        transaction: { status: 'pending_user_info_update', stellar_transaction_id: '', refunded: false },
      },
    });
    expect(await ask(mine.wallet, theirs.id)).toMatchObject({
      status: 404,
      json: { error: 'transaction not found' },
    });
    for (const id of ['nonsense', '0197a000-0000-7000-8000-000000000000']) {
      expect((await ask(mine.wallet, id)).status).toBe(404);
    }
  });

  it('needs a token of its own kind', async () => {
    const { token, wallet } = await world.atThePage(acme);
    const path = '/sep24/transactions/deposit/interactive';
    expect((await world.request(acme, path, { json: { asset_code: 'USDC' } })).json).toEqual({
      error: 'Missing authorization header',
    });
    for (const wrong of [token, 'x.y.z', `${wallet}x`]) {
      const answer = await world.request(acme, path, { token: wrong, json: { asset_code: 'USDC' } });
      expect(answer).toMatchObject({ status: 401, json: { error: 'Invalid token' } });
    }
    expect((await world.request(acme, '/sep24-interactive-deposit/info', { token: wallet })).status).toBe(
      401,
    );
  });

  it('can be started for the assets that the info lists', async () => {
    const { json } = await world.request(acme, '/sep24/info');
    expect(json).toEqual({
      deposit: {
        USDC: { enabled: true, min_amount: 1, max_amount: 10_000 },
        native: { enabled: true, min_amount: 1, max_amount: 10_000 },
      },
      withdraw: {},
      fee: { enabled: false },
      features: { account_creation: false, claimable_balances: false },
    });
  });
});

describe('a short link', () => {
  it('leads to where it was made for, and only within its organisation', async () => {
    await world.superuser.query(
      `INSERT INTO messages.short_links (tenant_id, code, url, url_digest) VALUES ($1, 'abc123', 'wallet://open?a=1', sha256('x'))`,
      [acme.id],
    );
    for (const path of ['/r/abc123', '//r//abc123']) {
      const answer = await world.request(acme, path);
      expect([answer.status, answer.headers.get('location')]).toEqual([301, 'wallet://open?a=1']);
    }
    const other = await world.givenTenant();
    for (const [tenant, code] of [
      [other, 'abc123'],
      [acme, 'abc124'],
      [acme, '..%2f..'],
    ] as const) {
      expect(await world.request(tenant, `/r/${code}`)).toMatchObject({
        status: 404,
        json: { error: 'Short URL not found' },
      });
    }
  });
});

describe('the logo of an organisation', () => {
  it('is served where its address leads, and a built-in one before it has its own', async () => {
    const builtIn = await world.request(null, '/organization/logo', {
      headers: { 'x-forwarded-host': `${acme.name}.pay.test` },
    });
    expect([builtIn.status, builtIn.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(builtIn.text).toContain('PNG');
    await world.superuser.query(
      `UPDATE tenants.organizations SET logo = '\\x89504e47', logo_type = 'image/png' WHERE tenant_id = $1`,
      [acme.id],
    );
    const answer = await world.request(acme, '/organization/logo');
    expect(answer.text).not.toBe(builtIn.text);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
    const { token } = await world.atThePage(acme);
    const page = await world.request(null, `/wallet-registration/start?token=${token}`);
    expect(page.text).toContain('src="/organization/logo"');
  });
});

describe('a flood of requests from one address', () => {
  it('is limited, and others are not', async () => {
    const answers = [];
    for (let times = 0; times < 42; times += 1) {
      answers.push((await world.request(acme, '/sep24/info', { from: '203.0.113.7' })).status);
    }
    expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect((await world.request(acme, '/sep24/info', { from: '203.0.113.8' })).status).toBe(200);
  });
});
