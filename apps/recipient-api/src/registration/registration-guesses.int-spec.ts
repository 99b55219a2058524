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

describe('guesses at a code', () => {
  it('are five per code, told apart by their answers, and a new code gives five more', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = await world.codeFor(acme, person);
    const guess = async (guessed: string): Promise<unknown> =>
      (await world.register(acme, token, { phoneNumber, code: guessed })).json['error_code'];
    for (const expected of ['400_6', '400_6', '400_6', '400_6', '400_4']) {
      expect(await guess(wrongFor(code))).toBe(expected);
    }
    expect(await guess(code ?? '')).toBe('400_4');
    await world.askForCode(acme, token, phoneNumber);
    expect(await guess((await world.codeFor(acme, person)) ?? '')).toBeUndefined();
  });

  it('are fifteen per hour: a new code does not bring back the hour (W37)', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { token } = await world.atThePage(acme);
    let compared = 0;
    for (let codes = 0; codes < 5; codes += 1) {
      await world.askForCode(acme, token, phoneNumber);
      const wrong = wrongFor(await world.codeFor(acme, person));
      for (let tries = 0; tries < 5; tries += 1) {
        const before = await windowTriesOf(person.receiverWalletId);
        await world.register(acme, token, { phoneNumber, code: wrong });
        compared += (await windowTriesOf(person.receiverWalletId)) - before;
      }
    }
    expect(compared).toBe(15);
    const code = (await world.codeFor(acme, person)) ?? '';
    expect((await world.register(acme, token, { phoneNumber, code })).json['error_code']).toBe('400_4');
    await world.superuser.query(
      `UPDATE receivers.one_time_codes SET window_started_at = now() - interval '61 minutes' WHERE receiver_wallet_id = $1`,
      [person.receiverWalletId],
    );
    await world.askForCode(acme, token, phoneNumber);
    const later = (await world.codeFor(acme, person)) ?? '';
    expect((await world.register(acme, token, { phoneNumber, code: later })).status).toBe(200);
  });

  it('count exactly when sixty come at once, while others of the organisation are served (W37)', async () => {
    const [person, other] = [await world.givenPerson(acme), await world.givenPerson(acme)];
    const { token } = await world.atThePage(acme);
    const others = await world.atThePage(acme);
    await world.askForCode(acme, token, person.phoneNumber);
    const wrong = wrongFor(await world.codeFor(acme, person));
    const guesses = Promise.all(
      Array.from({ length: 60 }, () =>
        world.register(acme, token, { phoneNumber: person.phoneNumber, code: wrong }),
      ),
    );
    const served = world.askForCode(acme, others.token, other.phoneNumber);
    expect((await served).status).toBe(200);
    const codes = (await guesses).map((answer) => answer.json['error_code']);
    expect(codes.filter((code) => code === '400_6')).toHaveLength(4);
    expect(codes.filter((code) => code === '400_4')).toHaveLength(56);
    const { rows } = await world.superuser.query(
      'SELECT tries, window_tries FROM receivers.one_time_codes WHERE receiver_wallet_id = $1',
      [person.receiverWalletId],
    );
    expect(rows).toEqual([{ tries: 5, window_tries: 5 }]);
  });

  it('leave the rest of the organisation alone even while the row of that wallet is locked', async () => {
    const [person, other] = [await world.givenPerson(acme), await world.givenPerson(acme)];
    const { token } = await world.atThePage(acme);
    const others = await world.atThePage(acme);
    await world.askForCode(acme, token, person.phoneNumber);
    const holder = await world.superuser.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM receivers.one_time_codes WHERE receiver_wallet_id = $1 FOR UPDATE', [
      person.receiverWalletId,
    ]);
    const guesses = Promise.all(
      Array.from({ length: 60 }, () =>
        world.register(acme, token, { phoneNumber: person.phoneNumber, code: '111111' }),
      ),
    );
    expect((await world.askForCode(acme, others.token, other.phoneNumber)).status).toBe(200);
    await holder.query('COMMIT');
    holder.release();
    expect(await guesses).toHaveLength(60);
  });

  it('cannot use a code that has expired or was used, and the code is stored as a hash (W38)', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    const { rows } = await world.superuser.query<{ row: string }>(
      'SELECT c::text AS row FROM receivers.one_time_codes c WHERE receiver_wallet_id = $1',
      [person.receiverWalletId],
    );
    expect(rows[0]?.row).not.toContain(code);
    await world.superuser.query(
      `UPDATE receivers.one_time_codes SET expires_at = now() WHERE receiver_wallet_id = $1`,
      [person.receiverWalletId],
    );
    expect((await world.register(acme, token, { phoneNumber, code })).json).toEqual({
      error: 'OTP has expired. Please request a new one.',
      error_code: '400_5',
    });
  });

  it('prove the contact that the code was sent to, and no other one of the same person', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber, receiverId } = person;
    const email = `ada-${receiverId}@example.org`;
    const newNumber = `${phoneNumber.slice(0, -1)}${phoneNumber.endsWith('7') ? '3' : '7'}`;
    const knownBy = (number: string): Promise<unknown> =>
      world.superuser.query('UPDATE receivers.receivers SET phone_number = $2, email = $3 WHERE id = $1', [
        receiverId,
        number,
        email,
      ]);
    await knownBy(phoneNumber);
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    const filled = { otp: code, verification: BIRTHDAY, verification_field: 'DATE_OF_BIRTH' };
    const byEmail = await world.request(acme, '/sep24-interactive-deposit/verification', {
      token,
      json: { ...filled, email },
    });
    expect(byEmail.json['error_code']).toBe('400_6');
    await knownBy(newNumber);
    const byNewNumber = await world.register(acme, token, { phoneNumber: newNumber, code });
    expect(byNewNumber.json).toEqual({
      error: 'Invalid OTP. Please check and try again.',
      error_code: '400_6',
    });
    await world.askForCode(acme, token, newNumber);
    const own = (await world.codeFor(acme, person)) ?? '';
    expect((await world.register(acme, token, { phoneNumber: newNumber, code: own })).status).toBe(200);
  });

  it('do not pass with 000000 unless the settings say so', async () => {
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    const { phoneNumber } = person;
    await world.askForCode(acme, token, phoneNumber);
    expect((await world.register(acme, token, { phoneNumber, code: '000000' })).json['error_code']).toBe(
      '400_6',
    );
  });
});

describe('guesses at a date of birth', () => {
  it('are fifteen, also when they come at once, and then only staff can help', async () => {
    const person = await world.givenPerson(acme);
    const { phoneNumber } = person;
    const { token } = await world.atThePage(acme);
    await world.askForCode(acme, token, phoneNumber);
    const code = (await world.codeFor(acme, person)) ?? '';
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        world.register(acme, token, { phoneNumber, code, birthday: '1980-01-01' }),
      ),
    );
    const codes = answers.map((answer) => answer.json['error_code']);
    expect(codes.filter((one) => one === '400_2')).toHaveLength(15);
    expect(codes.filter((one) => one === '400_3')).toHaveLength(5);
    expect((await world.register(acme, token, { phoneNumber, code })).json['error_code']).toBe('400_3');
  });
});

describe('a contact that nobody knows (W43)', () => {
  it('is answered as a known one is, message for message and code for code, and gets no message', async () => {
    const known = await world.givenPerson(acme);
    const stranger = `+1628${String(Date.now()).slice(-7)}`;
    const messagesBefore = await world.count('messages.messages');
    const roads: { status: number; text: string }[][] = [];
    for (const phoneNumber of [known.phoneNumber, stranger]) {
      const { token } = await world.atThePage(acme);
      const answers = [
        await world.register(acme, token, { phoneNumber, code: '111111' }),
        await world.askForCode(acme, token, phoneNumber),
      ];
      const wrong = phoneNumber === stranger ? '111111' : wrongFor(await world.codeFor(acme, known));
      for (let tries = 0; tries < 6; tries += 1) {
        answers.push(await world.register(acme, token, { phoneNumber, code: wrong }));
      }
      answers.push(await world.askForCode(acme, token, phoneNumber));
      answers.push(await world.register(acme, token, { phoneNumber, code: wrong }));
      await world.superuser.query('UPDATE receivers.one_time_codes SET expires_at = now()');
      await world.superuser.query('UPDATE receivers.unknown_contact_codes SET expires_at = now()');
      answers.push(await world.register(acme, token, { phoneNumber, code: wrong }));
      roads.push(answers.map(({ status, text }) => ({ status, text })));
    }
    expect(roads[1]).toEqual(roads[0]);
    expect(roads[0]?.map(({ text }) => /400_[0-9]/.exec(text)?.[0] ?? 'ok')).toEqual([
      '400_6',
      'ok',
      '400_6',
      '400_6',
      '400_6',
      '400_6',
      '400_4',
      '400_4',
      'ok',
      '400_6',
      '400_5',
    ]);
    // Two codes for the person we know, none for the stranger, who is not kept in a readable form either.
    expect(await world.count('messages.messages')).toBe(messagesBefore + 2);
    expect(await world.count('receivers.registration_attempts WHERE tenant_id = $1', [acme.id])).toBe(2);
  });

  it('is everybody who is flagged, is registered with another account, or uses another wallet provider', async () => {
    const [flagged, registered, elsewhere] = [
      await world.givenPerson(acme),
      await world.givenPerson(acme),
      await world.givenPerson(acme),
    ];
    await world.superuser.query(`UPDATE receivers.receiver_wallets SET status = 'FLAGGED' WHERE id = $1`, [
      flagged.receiverWalletId,
    ]);
    const theirs = await world.atThePage(acme);
    await world.superuser.query(
      `UPDATE receivers.receiver_wallets SET status = 'REGISTERED', stellar_address = $2 WHERE id = $1`,
      [registered.receiverWalletId, theirs.client.address],
    );
    await world.superuser.query(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, sep_10_client_domain, deep_link_schema)
       VALUES ($1, gen_random_uuid(), 'Other', 'https://other.test', 'other.test', 'https://other.test/open')`,
      [acme.id],
    );
    await world.superuser.query(
      `UPDATE receivers.receiver_wallets SET wallet_id = (SELECT id FROM catalogue.wallets WHERE tenant_id = $1 AND name = 'Other')
        WHERE id = $2`,
      [acme.id, elsewhere.receiverWalletId],
    );
    const { token } = await world.atThePage(acme);
    for (const person of [flagged, registered, elsewhere]) {
      const { phoneNumber } = person;
      expect((await world.askForCode(acme, token, phoneNumber)).status).toBe(200);
      expect(await world.codeFor(acme, person)).toBeNull();
      const answer = await world.register(acme, token, { phoneNumber, code: '111111' });
      expect(answer.json['error_code']).toBe('400_6');
    }
  });

  it('cannot be flooded with messages: ten codes per hour, and the answers stay the same', async () => {
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    for (let times = 0; times < 12; times += 1) {
      expect((await world.askForCode(acme, token, person.phoneNumber)).status).toBe(200);
    }
    expect(
      await world.count('messages.messages WHERE receiver_wallet_id = $1', [person.receiverWalletId]),
    ).toBe(10);
  });
});

async function windowTriesOf(receiverWalletId: string): Promise<number> {
  const { rows } = await world.superuser.query<{ window_tries: number }>(
    'SELECT window_tries FROM receivers.one_time_codes WHERE receiver_wallet_id = $1',
    [receiverWalletId],
  );
  return rows[0]?.window_tries ?? 0;
}
