import fs from 'node:fs';
import path from 'node:path';

import { formatAmount, parseAmount } from '@libs/kernel';

import { DisbursementWorld, type FileKind } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const CORPUS = path.join(__dirname, '../../../../libs/disbursements/corpus');

interface Expected {
  /** Why the file is here. */
  readonly why: string;
  readonly disbursement: FileKind;
}

interface ExpectedPayment {
  readonly contact: string;
  readonly amount: string;
}

interface Accepted extends Expected {
  readonly payments: readonly ExpectedPayment[];
  /** What is said of how it is written, where that is unusual. */
  readonly read_as?: object;
}

interface Refused extends Expected {
  readonly status: number;
  readonly body: object;
}

/** Names of tenants are letters. */
const tenantNameFor = (file: string): string =>
  file.replace('.csv', '').replaceAll(/[0-9]/g, (digit) => 'abcdefghij'.charAt(Number(digit)));

/** The files of one folder, each with the answer that stands beside it. */
function filesIn<Answer extends Expected>(folder: string): [string, Buffer<ArrayBuffer>, Answer][] {
  const names = fs.readdirSync(path.join(CORPUS, folder)).filter((name) => name.endsWith('.csv'));
  return names.map((name) => {
    const file = path.join(CORPUS, folder, name);
    const expected = JSON.parse(fs.readFileSync(file.replace(/csv$/, 'json'), 'utf8')) as Answer;
    return [name, fs.readFileSync(file), expected];
  });
}

const ACCEPTED = filesIn<Accepted>('accepted');
const REFUSED = filesIn<Refused>('refused');

/** What each kind of disbursement held before a bad file came; nobody in it is in the corpus. */
const PEOPLE_BEFORE: Readonly<Record<string, string>> = {
  PHONE_NUMBER: 'phone,id,amount,verification\n+12025550199,BEFORE,5,',
  EMAIL: 'email,id,amount,verification\nbefore@people.example,BEFORE,5,',
  PHONE_NUMBER_AND_WALLET_ADDRESS:
    'phone,id,amount,walletAddress\n+12025550198,BEFORE,5,GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN',
  EMAIL_AND_WALLET_ADDRESS:
    'email,id,amount,walletAddress\nother@people.example,BEFORE,5,GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7',
};
const VALUES: Readonly<Record<string, string>> = {
  DATE_OF_BIRTH: '1980-05-06',
  YEAR_MONTH: '1980-05',
  PIN: '1234',
  NATIONAL_ID_NUMBER: 'X1',
};

const fileBefore = (kind: FileKind): string =>
  `${PEOPLE_BEFORE[kind.registration_contact_type] ?? ''}${VALUES[kind.verification_field ?? ''] ?? ''}\n`;

describe('the corpus of uploaded files', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  const drafts = new Map<string, string>();
  let before: string;

  beforeAll(async () => {
    server = await TestServer.start();
    world = await DisbursementWorld.make(server, 'refusing');
  });
  afterAll(() => server.stop());

  /** A disbursement of this kind that has a good file already. It must stay as it is, with its file, in every test. */
  async function draftOf(kind: FileKind): Promise<string> {
    const key = JSON.stringify(kind);
    const known = drafts.get(key);
    if (known !== undefined) return known;
    const id = await world.create(kind);
    expect(await world.upload(id, fileBefore(kind))).toMatchObject({ status: 200 });
    expect((await world.download(id)).toString()).toBe(fileBefore(kind));
    drafts.set(key, id);
    before = await world.fingerprint();
    return id;
  }

  it('has the answer beside each file', () => {
    expect(ACCEPTED.length).toBeGreaterThan(20);
    expect(REFUSED.length).toBeGreaterThan(80);
  });

  it.each(ACCEPTED)('accepts %s', async (name, bytes, { disbursement, payments, read_as: readAs }) => {
    const own = await DisbursementWorld.make(server, tenantNameFor(name));
    const id = await own.create(disbursement);
    const reply = await own.upload(id, bytes, { name });
    expect(reply.body).toEqual({
      message: 'File uploaded successfully',
      ...(readAs === undefined ? {} : { read_as: readAs }),
    });

    const inOrder = payments.toSorted((one, other) => one.contact.localeCompare(other.contact));
    expect(await paymentsOf(id)).toEqual(inOrder.map((payment): unknown => expect.objectContaining(payment)));
    const total = payments.reduce((sum, { amount }) => sum + stroopsOf(amount), 0n);
    expect((await own.call('GET', `/disbursements/${id}`)).body).toMatchObject({
      status: 'READY',
      file_name: name,
      total_payments: payments.length,
      total_payments_remaining: payments.length,
      total_amount: formatAmount(total),
    });
    expect((await own.download(id)).equals(bytes)).toBe(true);
  });

  it.each(REFUSED)('refuses %s, as a dry run has told, and writes nothing', async (name, bytes, expected) => {
    const id = await draftOf(expected.disbursement);
    // A dry run checks each file as one that is too large to be held: by what was copied of it.
    const trial = await world.upload(id, bytes, { name, dryRun: true });
    const trialBody = trial.body as { refusal?: object };
    const told = trial.status === 200 ? trialBody.refusal : { status: trial.status, ...trialBody };
    expect(told).toEqual({ status: expected.status, ...expected.body });
    const reply = await world.upload(id, bytes, { name });
    expect({ status: reply.status, body: reply.body }).toEqual({
      status: expected.status,
      body: expected.body,
    });
    expect(await world.fingerprint()).toBe(before);
  });

  /** As the corpus writes them, by contact. */
  async function paymentsOf(disbursementId: string): Promise<object[]> {
    const rows = await server.sql(
      `SELECT coalesce(r.phone_number, r.email) AS contact, r.external_id, p.amount, p.external_payment_id,
              w.stellar_address, w.stellar_memo AS memo, w.stellar_memo_type AS memo_type, w.status
         FROM disbursements.payments p
         JOIN receivers.receivers r ON r.tenant_id = p.tenant_id AND r.id = p.receiver_id
         JOIN receivers.receiver_wallets w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
        WHERE p.disbursement_id = $1 AND p.status = 'DRAFT'`,
      [disbursementId],
    );
    const shown = rows.map((row) => ({
      ...row,
      contact: String(row['contact']),
      amount: formatAmount(BigInt(String(row['amount']))),
    }));
    return shown.toSorted((one, other) => one.contact.localeCompare(other.contact));
  }
});

function stroopsOf(amount: string): bigint {
  const parsed = parseAmount(amount);
  if (!parsed.ok) throw new Error(`the corpus has a wrong amount: ${amount}`);
  return parsed.value;
}
