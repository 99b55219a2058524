import { newId } from '@libs/kernel';
import { bindToReceiver, hashVerificationValue, hashWithContact } from '@libs/receivers';

import { BIRTHDAY, RecipientWorld, type TestTenant, wrongFor } from '../testing/recipient-world';

let world: RecipientWorld;
let acme: TestTenant;

beforeAll(async () => {
  world = await RecipientWorld.start();
  acme = await world.givenTenant();
});

afterAll(async () => {
  await world.close();
});

describe('a person with a wallet', () => {
  it('is a stranger until the file that brought them is published', async () => {
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    const upload = newId();
    await world.superuser.query(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, brought_people)
       VALUES ($1, $2, $2, 'test', 'PUBLISHING', true)`,
      [acme.id, upload],
    );
    for (const [table, id] of [
      ['receivers', person.receiverId],
      ['receiver_wallets', person.receiverWalletId],
    ]) {
      await world.superuser.query(`UPDATE receivers.${String(table)} SET brought_by = $2 WHERE id = $1`, [
        id,
        upload,
      ]);
    }
    expect((await world.askForCode(acme, token, person.phoneNumber)).status).toBe(200);
    expect(await world.codeFor(acme, person)).toBeNull();
    await world.superuser.query(`UPDATE disbursements.upload_jobs SET state = 'PUBLISHED' WHERE id = $1`, [
      upload,
    ]);
    expect((await world.askForCode(acme, token, person.phoneNumber)).status).toBe(200);
    expect(await world.codeFor(acme, person)).not.toBeNull();
  });

  it('registers with the code from the message and what the organisation knows', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { client, wallet, id, token } = await world.atThePage(acme);

    const info = await world.request(acme, '/sep24-interactive-deposit/info', { token });
    expect(info.json).toMatchObject({ organization_name: 'Acme <& Co>', is_registered: false });
    const asked = await world.askForCode(acme, token, phoneNumber);
    expect(asked).toMatchObject({
      status: 200,
      json: {
        message: "if your phone number is registered, you'll receive an OTP",
        verification_field: 'DATE_OF_BIRTH',
      },
    });
    const code = (await world.codeFor(acme, person)) ?? '';
    const status = async (): Promise<unknown> =>
      (await world.request(acme, `/sep24/transaction?id=${id}`, { token: wallet })).json['transaction'];
    expect(await status()).toMatchObject({ id, kind: 'deposit', status: 'pending_user_info_update' });
    expect(await world.register(acme, token, { phoneNumber, code })).toMatchObject({
      status: 200,
      json: { message: 'ok' },
    });

    const { rows } = await world.superuser.query(
      `SELECT status, stellar_address, deposit_id, otp_confirmed_with, otp_confirmed_at IS NOT NULL AS confirmed,
              status_history -> -1 ->> 'actor' AS actor FROM receivers.receiver_wallets WHERE id = $1`,
      [person.receiverWalletId],
    );
    expect(rows).toEqual([
      {
        status: 'REGISTERED',
        stellar_address: client.address,
        deposit_id: id,
        otp_confirmed_with: phoneNumber,
        confirmed: true,
        actor: 'receiver',
      },
    ]);
    expect(
      await world.count(`eventing.outbox WHERE topic = 'events.receiver-wallets.registered' AND key = $1`, [
        person.receiverWalletId,
      ]),
    ).toBe(1);
    expect(await status()).toMatchObject({ status: 'pending_anchor', to: client.address });
    expect((await world.request(acme, '/sep24-interactive-deposit/info', { token })).json).toMatchObject({
      is_registered: true,
      truncated_contact_info: `${phoneNumber.slice(0, 3)}...${phoneNumber.slice(-3)}`,
    });

    await world.superuser.query(
      `UPDATE disbursements.payments SET status = 'SUCCESS', stellar_transaction_id = 'abc', updated_at = now() WHERE id = $1`,
      [person.paymentId],
    );
    expect(await status()).toMatchObject({ status: 'completed', stellar_transaction_id: 'abc' });
  });

  it('leaves behind what was seen of the account, so that nobody has to ask before paying it', async () => {
    const [person, stranger] = [await world.givenPerson(acme), await world.atThePage(acme)];
    const { client, token } = await world.atThePage(acme);
    await world.askForCode(acme, token, person.phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    await world.register(acme, token, { phoneNumber: person.phoneNumber, code });
    const { rows } = await world.superuser.query(
      `SELECT address, account_exists, memo_required, lines FROM submissions.destinations
        WHERE tenant_id = $1 AND address = ANY($2)`,
      [acme.id, [client.address, stranger.client.address]],
    );
    expect(rows).toEqual([
      { address: client.address, account_exists: false, memo_required: false, lines: {} },
    ]);
  });

  it('who lost the answer is registered by the second try too, and by any further one', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    const answers = await Promise.all(
      [1, 2, 3].map(() => world.register(acme, token, { phoneNumber, code })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(await world.register(acme, token, { phoneNumber, code, birthday: '1991-01-30' })).toMatchObject({
      status: 400,
      json: { error_code: '400_2' },
    });
    const events = `eventing.outbox WHERE topic = 'events.receiver-wallets.registered' AND key = $1`;
    expect(await world.count(events, [person.receiverWalletId])).toBe(1);
  });

  it('may write the number with spaces and come back with a wrong date of birth', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { token } = await world.atThePage(acme);
    const spaced = `${phoneNumber.slice(0, 5)} ${phoneNumber.slice(5, 8)}-${phoneNumber.slice(8)} `;
    await world.askForCode(acme, token, spaced);
    const code = (await world.codeFor(acme, person)) ?? '';
    const wrong = await world.register(acme, token, { phoneNumber, code, birthday: '1990-01-31' });
    expect(wrong.json).toEqual({
      error: 'The information you provided could not be found',
      error_code: '400_2',
    });
    expect((await world.register(acme, token, { phoneNumber: spaced, code })).status).toBe(200);
  });

  it('is known by a new number too, with what was stored before it changed', async () => {
    const person = await world.givenPerson(acme);
    const phoneNumber = `${person.phoneNumber.slice(0, -1)}${person.phoneNumber.endsWith('7') ? '3' : '7'}`;
    await world.superuser.query('UPDATE receivers.receivers SET phone_number = $2 WHERE id = $1', [
      person.receiverId,
      phoneNumber,
    ]);
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    expect((await world.register(acme, token, { phoneNumber, code })).status).toBe(200);
  });

  it('is known by a value of before, which was hashed with the contact of its row and is bound to the person now', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    await world.superuser.query(
      `UPDATE receivers.verifications SET value_hmac = $2, bound_to = 'CONTACT' WHERE receiver_id = $1`,
      [person.receiverId, hashWithContact(world.birthdayAt(acme), phoneNumber)],
    );
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    const wrong = await world.register(acme, token, { phoneNumber, code, birthday: '1990-01-31' });
    expect(wrong.status).toBe(400);
    expect((await world.register(acme, token, { phoneNumber, code })).status).toBe(200);
    const { rows } = await world.superuser.query(
      'SELECT value_hmac, bound_to FROM receivers.verifications WHERE receiver_id = $1',
      [person.receiverId],
    );
    const bound = bindToReceiver(hashVerificationValue(world.birthdayAt(acme)), person.receiverId);
    expect(rows).toEqual([{ value_hmac: Buffer.from(bound), bound_to: 'RECEIVER' }]);
  });
});

describe('a form that is not filled in well', () => {
  it('is answered with a text and a code per field', async () => {
    const { token } = await world.atThePage(acme);
    const bad = async (json: object): Promise<unknown> =>
      (await world.request(acme, '/sep24-interactive-deposit/verification', { token, json })).json;
    expect(
      await bad({
        phone_number: '12',
        otp: '12',
        verification: '2990-01-01',
        verification_field: 'DATE_OF_BIRTH',
      }),
    ).toEqual({
      error: 'The request was invalid in some way.',
      error_code: '400_0',
      extras: {
        phone_number: 'invalid phone format. Correct format: +380445555555',
        otp: 'invalid otp format. Needs to be a 6 digit value',
        verification: 'date of birth cannot be in the future',
      },
      extras_codes: ['EXTRA_1', 'EXTRA_4'],
    });
    const rest = { phone_number: '+14155550100', otp: '123456' };
    const mistakes = [
      ['DATE_OF_BIRTH', '1990-02-30', 'EXTRA_2'],
      ['YEAR_MONTH', '1990-13', 'EXTRA_3'],
      ['PIN', '123', 'EXTRA_5'],
      ['NATIONAL_ID_NUMBER', 'x'.repeat(51), 'EXTRA_6'],
    ];
    for (const [field, verification, code] of mistakes) {
      expect(await bad({ ...rest, verification_field: field, verification })).toMatchObject({
        extras_codes: [code],
      });
    }
    expect(
      (await world.request(acme, '/sep24-interactive-deposit/otp', { token, json: {} })).json,
    ).toMatchObject({
      error_code: '400_0',
      extras_codes: ['EXTRA_0'],
    });
  });

  it('is refused without a registration token', async () => {
    for (const path of ['/sep24-interactive-deposit/otp', '/sep24-interactive-deposit/verification']) {
      expect(await world.request(acme, path, { json: {} })).toMatchObject({
        status: 401,
        json: { error: 'Not authorized.', error_code: '401_0' },
      });
    }
  });
});

describe('a process with two connections to the database', () => {
  it('registers twenty people at once, since no request waits for a second one', async () => {
    const small = await RecipientWorld.start({ DATABASE_CONNECTIONS_MAX: '2' });
    try {
      const tenant = await small.givenTenant();
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const person = await small.givenPerson(tenant);
          const { phoneNumber } = person;
          const { token } = await small.atThePage(tenant);
          await small.askForCode(tenant, token, phoneNumber);
          const code = (await small.codeFor(tenant, person)) ?? '';
          return (await small.register(tenant, token, { phoneNumber, code })).status;
        }),
      );
      expect(new Set(statuses)).toEqual(new Set([200]));
    } finally {
      await small.close();
    }
  });
});

describe('an account that belongs to somebody else', () => {
  it('registers nobody else, and tells nothing about its owner', async () => {
    const [owner, thief] = [await world.givenPerson(acme), await world.givenPerson(acme)];
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, owner.phoneNumber);
    const ownCode = (await world.codeFor(acme, owner)) ?? '';
    await world.register(acme, token, { phoneNumber: owner.phoneNumber, code: ownCode });
    await world.askForCode(acme, token, thief.phoneNumber);
    const code = (await world.codeFor(acme, thief)) ?? '';
    const refused = await world.register(acme, token, { phoneNumber: thief.phoneNumber, code });
    expect(refused).toMatchObject({ status: 409, json: { error_code: '409_0' } });
    expect(refused.text).not.toContain(owner.phoneNumber.slice(-4));
    expect(
      await world.count(`receivers.receiver_wallets WHERE id = $1 AND status = 'READY'`, [
        thief.receiverWalletId,
      ]),
    ).toBe(1);
  });
});

describe('two organisations', () => {
  it('do not know each other’s people, tokens and deposits', async () => {
    const globex = await world.givenTenant();
    const person = await world.givenPerson(acme);
    const there = await world.atThePage(globex);
    await world.askForCode(globex, there.token, person.phoneNumber);
    expect(await world.codeFor(acme, person)).toBeNull();
    expect((await world.askForCode(acme, there.token, person.phoneNumber)).status).toBe(401);
    expect(
      (await world.request(acme, `/sep24/transaction?id=${there.id}`, { token: there.wallet })).status,
    ).toBe(401);
    const here = await world.atThePage(acme);
    expect(
      (await world.request(acme, `/sep24/transaction?id=${there.id}`, { token: here.wallet })).status,
    ).toBe(404);
  });
});

describe('the registration page', () => {
  const hidden = (page: string, name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1]?.replace(/&#39;/g, "'") ?? '';

  it('registers a person without a single script, step by step', async () => {
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    const start = await world.request(null, `/wallet-registration/start?token=${token}&lang=es-MX`);
    expect(start.status).toBe(200);
    expect(start.text).toContain('<html lang="es">');
    expect(start.text).toContain('Acme &lt;&amp; Co&gt;');
    expect(start.text).not.toMatch(/<script|<style|style=|\son[a-z]+=/);
    expect(start.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(start.headers.get('cache-control')).toBe('no-store');

    const wrong = await world.request(null, '/wallet-registration/start?lang=en', {
      form: { token: hidden(start.text, 'token'), contact: '<b>"hello"' },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('value="&lt;b&gt;&quot;hello&quot;"');

    const second = await world.request(null, '/wallet-registration/start?lang=en', {
      form: { token: hidden(start.text, 'token'), contact: ` ${person.phoneNumber} ` },
    });
    expect(second.text).toContain('Date of birth');
    const code = (await world.codeFor(acme, person)) ?? '';
    const filled = {
      token: hidden(second.text, 'token'),
      contact: hidden(second.text, 'contact'),
      verification_field: hidden(second.text, 'verification_field'),
      verification: BIRTHDAY,
    };
    const mistaken = await world.request(null, '/wallet-registration/register?lang=en', {
      form: { ...filled, otp: wrongFor(code) },
    });
    expect(mistaken.text).toContain('The code is not right.');
    expect(mistaken.text).toContain(`value="${BIRTHDAY}"`);
    const done = await world.request(null, '/wallet-registration/register?lang=en', {
      form: { ...filled, otp: `${code.slice(0, 3)} ${code.slice(3)}` },
    });
    expect(done.status).toBe(200);
    expect(done.text).toContain('Your wallet is registered');

    const again = await world.request(null, `/wallet-registration/start?token=${token}&lang=en`);
    expect(again.text).toContain('This wallet is registered already');
  });

  it('says that it has expired when its token is none', async () => {
    const page = await world.request(acme, '/wallet-registration/start?token=nonsense&lang=en');
    expect(page.status).toBe(401);
    expect(page.text).toContain('This page has expired');
  });
});
