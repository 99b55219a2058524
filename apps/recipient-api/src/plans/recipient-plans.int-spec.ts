import { silentLogger } from '@libs/observability';
import { UnitOfWork, Database } from '@libs/persistence';
import { RegistrationRepository } from '@libs/receivers';
import { TenantIdsReadModel } from '@libs/tenants';
import { dearStatements, readersOfWhole, type SeenPlan, seePlans } from '@libs/testing';

import { ForgetAttempts } from '../registration/forget-attempts.job';
import { RecipientWorld, type TestPerson, type TestTenant, wrongFor } from '../testing/recipient-world';

const PEOPLE = 3_000;
const JUST_PUBLISHED = 3_000;
const ELSEWHERE = 3_000;
const RETENTION_DAYS = 90;
/** What counts calls per address is forgotten by a sweep over the addresses of the last minute, whenever the test takes that long. */
const SWEEP = 'DELETE FROM http.rate_limits';
const LARGE = [
  ...['receivers', 'receiver_wallets', 'verifications', 'address_owners', 'one_time_codes', 'deposits'],
  ...['unknown_contact_codes', 'registration_attempts', 'web_auth_nonces', 'destinations', 'short_links'],
  ...[
    'arriving_verifications',
    'arriving_addresses',
    'payments',
    'disbursements',
    'tenants',
    'organizations',
    'wallets',
    'assets',
    'rate_limits',
  ],
];

/** A person's way from the short link to the registered wallet, beside everybody who went it before. */
describe('statements of recipient-api over large tables', () => {
  let world: RecipientWorld;
  let tenant: TestTenant;
  let seen: SeenPlan[];

  beforeAll(async () => {
    world = await RecipientWorld.start({}, { plans: true });
    tenant = await world.givenTenant();
    await addPast(world, tenant);
    await addOthers(world);
    await world.superuser.query('ANALYZE');
    await addFileJustPublished(world, tenant);
    await registerEverybody(world, tenant);
    const all = [...world.seen, ...(await forgetWhatIsOld(world))];
    seen = all.filter(({ statement }) => !statement.startsWith(SWEEP));
  }, 300_000);
  afterAll(() => world.close());

  it('go over no more than fifty rows for each that they use', () => {
    expect(dearStatements(seen)).toEqual([]);
  });

  it('read no large table from end to end', () => {
    expect(readersOfWhole(LARGE, seen)).toEqual([]);
  });

  it('were all seen: each step of a registration has left its own', () => {
    for (const part of [
      'take_rate_limit',
      'FROM tenants.tenants WHERE name = $1',
      'FROM messages.short_links',
      'FROM catalogue.assets',
      'INSERT INTO receivers.web_auth_nonces',
      'DELETE FROM receivers.web_auth_nonces WHERE tenant_id = $1 AND nonce = $2',
      'ORDER BY expires_at LIMIT',
      'INSERT INTO receivers.deposits',
      'r.phone_number = $2',
      'r.email = $2',
      'INSERT INTO receivers.one_time_codes',
      'INSERT INTO receivers.unknown_contact_codes',
      'DELETE FROM receivers.unknown_contact_codes',
      'INSERT INTO receivers.registration_attempts',
      'FROM receivers.one_time_codes kept WHERE',
      'UPDATE receivers.one_time_codes',
      'FROM receivers.verifications v WHERE',
      'SET attempts = attempts + 1',
      'DELETE FROM receivers.arriving_verifications',
      "confirmed_by_type = 'RECEIVER'",
      'INSERT INTO receivers.address_owners',
      'FROM receivers.arriving_addresses',
      'UPDATE receivers.receiver_wallets',
      'DELETE FROM receivers.one_time_codes',
      'INSERT INTO submissions.destinations',
      'UPDATE receivers.deposits',
      'INSERT INTO messages.messages',
      'INSERT INTO eventing.outbox',
      'AS registered_with',
      'FROM receivers.deposits WHERE',
      'FROM disbursements.payments',
      'DELETE FROM receivers.registration_attempts',
    ]) {
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    }
  });
});

/** A text of 56 characters in the form of an address, for each number. */
const addressOf = (n: string): string =>
  `'G' || left(translate(upper(encode(sha256(${n}::text::bytea), 'hex')), '0189', 'GHIJ'), 55)`;

/** People of the same organisation who were invited long ago; nine of ten have registered and are paid. */
async function addPast(world: RecipientWorld, tenant: TestTenant): Promise<void> {
  const client = await world.superuser.connect();
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    client.query(text, [...values]);
  try {
    await sql('SET session_replication_role = replica');
    await sql(
      `CREATE TEMP TABLE people AS SELECT n, uuidv7() AS id, uuidv7() AS wallet, uuidv7() AS deposit, uuidv7() AS upload
         FROM generate_series(1, ${String(PEOPLE)}) AS n`,
    );
    await sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
       SELECT $1, id, 'Round ' || n, $2, $3, 'COMPLETED', 'PHONE_NUMBER', 'DATE_OF_BIRTH' FROM people WHERE n <= 2000`,
      [tenant.id, tenant.assetId, tenant.walletId],
    );
    await sql(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, brought_people, settled_at)
       SELECT $1, id, upload, 'test', CASE WHEN n % 500 = 0 THEN 'LOST' ELSE 'PUBLISHED' END, true, now() FROM people WHERE n <= 2000`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id, brought_by)
       SELECT $1, id, '+' || 254700000000 + n, 'person.' || n || '@people.example', 'P', CASE WHEN n % 4 = 1 AND n <= 2000 THEN upload END
         FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address, deposit_id)
       SELECT $1, wallet, id, $2, CASE WHEN n % 10 = 0 THEN 'READY' ELSE 'REGISTERED' END,
              CASE WHEN n % 10 > 0 THEN ${addressOf('n')} END, CASE WHEN n % 10 > 0 THEN deposit END FROM people`,
      [tenant.id, tenant.walletId],
    );
    await sql(
      `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to)
       SELECT $1, id, 'DATE_OF_BIRTH', sha256(n::text::bytea), 'RECEIVER' FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.arriving_verifications (tenant_id, upload_id, receiver_id, verification_field, value_hmac)
       SELECT $1, (SELECT upload FROM people WHERE n = 1), id, 'DATE_OF_BIRTH', sha256(n::text::bytea) FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.arriving_addresses (tenant_id, upload_id, receiver_wallet_id, stellar_address)
       SELECT $1, (SELECT upload FROM people WHERE n = 1), wallet, ${addressOf('n')} FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.address_owners (tenant_id, stellar_address, receiver_id) SELECT $1, ${addressOf('n')}, id FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.one_time_codes (tenant_id, receiver_wallet_id, code_hmac, created_at, expires_at, window_started_at, window_codes)
       SELECT $1, wallet, sha256(n::text::bytea), now(), now(), now(), 1 FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.unknown_contact_codes (tenant_id, contact_hmac, created_at, expires_at, window_started_at, window_codes)
       SELECT $1, sha256(n::text::bytea), now(), now(), now() - interval '1 minute' * n / 20, 1 FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.registration_attempts (tenant_id, id, contact_hmac, client_domain, stellar_address, attempted_at)
       SELECT $1, id, sha256(n::text::bytea), 'wallet.test', ${addressOf('n')}, now() - interval '1 day' * n / 100 FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.deposits (tenant_id, id, stellar_address, client_domain, asset_code, asset_issuer, receiver_wallet_id, registered_at)
       SELECT $1, deposit, ${addressOf('n')}, 'wallet.test', 'XLM', '', wallet, now() FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO receivers.web_auth_nonces (tenant_id, nonce, expires_at)
       SELECT $1, 'nonce ' || n, now() + interval '1 second' * (n - 2000) FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO submissions.destinations (tenant_id, address, account_exists, memo_required, lines, is_partial)
       SELECT $1, ${addressOf('n')}, true, false, '{}', false FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO messages.short_links (tenant_id, code, url, url_digest)
       SELECT $1, lpad(n::text, 8, '0'), 'http://pay.test/' || n, sha256(n::text::bytea) FROM people`,
      [tenant.id],
    );
    await sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount,
         status, dispatch, stellar_transaction_id)
       SELECT $1, uuidv7(), 'DISBURSEMENT', $2, p.id, p.wallet, $3, 5, 'SUCCESS', 1, repeat('a', 64)
         FROM people p`,
      [tenant.id, tenant.id, tenant.assetId],
    );
    await sql('SET session_replication_role = origin');
  } finally {
    client.release();
  }
}

/** Other organisations, with the same wallet; and the addresses from which the last minute was asked. */
async function addOthers(world: RecipientWorld): Promise<void> {
  const client = await world.superuser.connect();
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    client.query(text, [...values]);
  try {
    await sql(
      `CREATE TEMP TABLE others AS SELECT n, uuidv7() AS id FROM generate_series(1, ${String(ELSEWHERE)}) AS n`,
    );
    await sql(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
       SELECT id, 'other-' || translate(n::text, '0123456789', 'abcdefghij'), 'http://other' || n || '.test', 'http://staff.test', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
              ${addressOf('n')} FROM others`,
    );
    await sql(`INSERT INTO tenants.organizations (tenant_id, name) SELECT id, 'Other ' || n FROM others`);
    await sql(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, sep_10_client_domain, deep_link_schema)
       SELECT id, uuidv7(), 'Demo Wallet', 'https://wallet.test', $1, 'https://wallet.test/open' FROM others`,
      [world.clientDomain],
    );
    await sql(
      `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) SELECT id, uuidv7(), 'XLM', '' FROM others`,
    );
    await sql(
      `INSERT INTO http.rate_limits (key, window_number, hits, hits_before)
       SELECT sha256(n::text::bytea), floor(extract(epoch FROM now()) / 20)::bigint + 3, 1, 0 FROM others`,
    );
  } finally {
    client.release();
  }
}

/** People of a file of which the planner's statistics do not know yet, as they never do in the first minute. */
async function addFileJustPublished(world: RecipientWorld, tenant: TestTenant): Promise<void> {
  const client = await world.superuser.connect();
  try {
    await client.query('SET session_replication_role = replica');
    await client.query(
      `WITH people AS MATERIALIZED (
         SELECT n, uuidv7() AS id, uuidv7() AS wallet FROM generate_series(1, ${String(JUST_PUBLISHED)}) AS n),
       d AS (
         INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
         SELECT $1, uuidv7(), 'Next round', $2, $3, 'STARTED', 'PHONE_NUMBER', 'DATE_OF_BIRTH' RETURNING id),
       receivers AS (
         INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
         SELECT $1, id, '+' || 254800000000 + n, 'P' FROM people),
       verifications AS (
         INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to)
         SELECT $1, id, 'DATE_OF_BIRTH', sha256(n::text::bytea), 'RECEIVER' FROM people),
       wallets AS (
         INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
         SELECT $1, wallet, id, $3, 'READY' FROM people)
       INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT $1, uuidv7(), 'DISBURSEMENT', d.id, p.id, p.wallet, $2, 5, 'READY' FROM people p CROSS JOIN d`,
      [tenant.id, tenant.assetId, tenant.walletId],
    );
    await client.query('SET session_replication_role = origin');
  } finally {
    client.release();
  }
}

/** Everything that a person, a mistaken one, and a stranger can ask for. */
async function registerEverybody(world: RecipientWorld, tenant: TestTenant): Promise<void> {
  const people: TestPerson[] = [];
  for (let person = 0; person < 3; person += 1) people.push(await world.givenPerson(tenant));
  // A file that was just published said the same of them, and is not folded yet.
  await world.superuser.query(
    `INSERT INTO receivers.arriving_verifications (tenant_id, upload_id, receiver_id, verification_field, value_hmac)
     SELECT v.tenant_id, v.tenant_id, v.receiver_id, v.verification_field, v.value_hmac FROM receivers.verifications v
      WHERE v.receiver_id = ANY($1)`,
    [people.map(({ receiverId }) => receiverId)],
  );
  const look = async (path: string, token?: string): Promise<void> => {
    const answer = await world.request(tenant, path, token === undefined ? {} : { token });
    expect([path, answer.status < 400]).toEqual([path, true]);
  };
  for (const path of ['/r/00000042', '/.well-known/stellar.toml', '/sep24/info']) await look(path);
  for (const person of people) {
    const { phoneNumber } = person;
    const { wallet, id, token } = await world.atThePage(tenant);
    await look(`/wallet-registration/start?token=${token}`);
    await world.askForCode(tenant, token, phoneNumber);
    const code = (await world.codeFor(tenant, person)) ?? '';
    const answers = [
      await world.register(tenant, token, { phoneNumber, code: wrongFor(code) }),
      await world.register(tenant, token, { phoneNumber, code, birthday: '1991-01-30' }),
      await world.register(tenant, token, { phoneNumber, code }),
      await world.register(tenant, token, { phoneNumber, code }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 200, 200]);
    await look('/sep24-interactive-deposit/info', token);
    await look(`/sep24/transaction?id=${id}`, wallet);
  }
  await beAStranger(world, tenant);
}

/** By telephone and by e-mail, with a contact that nobody knows and one of somebody who registered long ago. */
async function beAStranger(world: RecipientWorld, tenant: TestTenant): Promise<void> {
  const { token } = await world.atThePage(tenant);
  for (const contact of [
    { phone_number: '+14155550000' },
    { phone_number: '+254700000011' },
    { email: 'nobody@people.example' },
    { email: 'person.11@people.example' },
    { email: 'person.9990@people.example' },
  ]) {
    const asked = await world.request(tenant, '/sep24-interactive-deposit/otp', { token, json: contact });
    expect(asked.status).toBe(200);
    const claim = {
      ...contact,
      otp: '123456',
      verification: '1990-01-30',
      verification_field: 'DATE_OF_BIRTH',
    };
    const tried = await world.request(tenant, '/sep24-interactive-deposit/verification', {
      token,
      json: claim,
    });
    expect(tried.status).toBe(400);
  }
}

/** The clock's own work in this process, as its role. */
async function forgetWhatIsOld(world: RecipientWorld): Promise<readonly SeenPlan[]> {
  const database = new Database({ url: world.database.url('recipientApi'), applicationName: 'test' });
  const seen = seePlans(database);
  try {
    const work = new UnitOfWork(database);
    const parts = { work, tenants: new TenantIdsReadModel(), registrations: new RegistrationRepository() };
    await new ForgetAttempts({ ...parts, days: RETENTION_DAYS, logger: silentLogger }).run();
  } finally {
    await database.close();
  }
  return seen;
}
