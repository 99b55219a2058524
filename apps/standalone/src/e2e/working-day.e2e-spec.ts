import type { StaffClient } from '@libs/staff-client';
import { generateSync } from 'otplib';

import { HttpClient } from '../demo/http-client';
import { Inbox } from '../demo/inbox';
import { LedgerClient } from '../demo/ledger-client';
import { fundDistribution, openOrganisation, type Organisation, STAFF } from '../demo/organisation';
import { PhoneNetwork } from '../demo/phone-network';
import { Recipient } from '../demo/recipient';
import { peopleFile } from '../people/people-file';
import { generatePeople } from '../people/people-generator';
import { localUrl, walletDomain } from '../system/installation';
import { dataOf, StaffDesk } from './staff-desk';
import { TrialSystem } from './trial-system';
import { until } from './until';

const NORA = { email: 'nora@demo.example', password: 'Nora-keeps-9-secrets' };
const [PAID, UNTRUSTING, ABSENT] = [0, 1, 2] as const;
const PEOPLE = generatePeople({ count: 3, first: 9_001 });

/** A day at the staff API: one step after the other, as a new user takes them. */
describe('a working day', () => {
  const http = new HttpClient({ totalMs: 60_000, answerWithinMs: 30_000 });
  const inbox = new Inbox();
  let trial: TrialSystem;
  let desk: StaffDesk;
  let ledger: LedgerClient;
  let phones: PhoneNetwork;
  let organisation: Organisation;
  let recipients: Recipient[];
  let owner: StaffClient;
  let nora: StaffClient;
  let approver: StaffClient;
  let disbursement: string;

  beforeAll(async () => {
    trial = await TrialSystem.start();
    const { installation } = trial.system;
    const { ports, data } = installation;
    desk = new StaffDesk(http, installation);
    ledger = new LedgerClient(http, localUrl(ports.sandbox));
    organisation = await openOrganisation({ installation, http, ledger });
    await fundDistribution({ installation, http, ledger }, organisation, 1_000_000_0000000n);
    phones = new PhoneNetwork(http, `${localUrl(ports.messaging)}/outbox`, inbox);
    const world = {
      http,
      ledger,
      inbox,
      wallet: { domain: walletDomain(ports), signUrl: `${localUrl(ports.wallet)}/sign` },
      secret: data.keys.peopleSecret,
    };
    recipients = PEOPLE.map((person) => new Recipient(person, world));
    void phones.run();
    owner = await desk.signIn(STAFF.owner, data.keys.staffPassword);
  }, 180_000);

  afterAll(async () => {
    phones.stop();
    await trial.stop();
    http.close();
  });

  const recipient = (number: number): Recipient => {
    const found = recipients[number];
    if (found === undefined) throw new Error('there is no such person');
    return found;
  };
  const status = async (): Promise<string> =>
    dataOf(await nora.GET('/disbursements/{id}', { params: { path: { id: disbursement } } })).status;
  const setStatus = async (who: StaffClient, wanted: string) =>
    await who.PATCH('/disbursements/{id}/status', {
      params: { path: { id: disbursement } },
      body: { status: wanted },
    });
  const paymentTo = async (number: number) => {
    const { data } = dataOf(await nora.GET('/payments', { params: { query: { page_limit: 100 } } }));
    const found = data.find(({ external_payment_id: id }) => id === PEOPLE[number]?.paymentId);
    if (found === undefined) throw new Error('there is no such payment');
    return found;
  };

  it('begins with the owner, who invites somebody by mail', async () => {
    const invited = await owner.POST('/users', {
      body: { first_name: 'Nora', last_name: 'New', email: NORA.email, roles: ['financial_controller'] },
    });
    expect(dataOf(invited)).toMatchObject({ email: NORA.email, is_active: true });
    expect(await desk.letter(NORA.email)).toContain('Choose a password here');
    await desk.anonymous.POST('/forgot-password', { body: { email: NORA.email } });
    const token = /token=([\w-]+)|\b([\w-]{32})\b/.exec(await desk.letter(NORA.email));
    const reset = await desk.anonymous.POST('/reset-password', {
      body: { password: NORA.password, reset_token: token?.[1] ?? token?.[2] ?? '' },
    });
    expect(reset.response.status).toBe(200);
    nora = await desk.signIn(NORA.email, NORA.password);
    expect(dataOf(await nora.GET('/profile'))).toMatchObject({
      first_name: 'Nora',
      roles: ['financial_controller'],
    });
  });

  it('lets her set up an authenticator app, which is asked for from then on', async () => {
    const { secret, qr_code: picture } = dataOf(await nora.POST('/profile/totp'));
    expect(picture).toMatch(/^data:image\/png;base64,/);
    const confirmed = await nora.POST('/profile/totp/confirm', { body: { code: generateSync({ secret }) } });
    const { recovery_codes: recoveryCodes } = dataOf(confirmed);
    expect(recoveryCodes).toHaveLength(10);
    const form = new FormData();
    form.set('data', JSON.stringify({ mfa_disabled: false }));
    const changed = await owner.PATCH('/organization', { body: { data: '' }, bodySerializer: () => form });
    expect(changed.response.status).toBe(200);
    nora = await desk.signIn(NORA.email, NORA.password, () => Promise.resolve(recoveryCodes?.[0] ?? ''));
    const password = trial.system.installation.data.keys.staffPassword;
    approver = await desk.signIn(STAFF.approver, password, () => desk.codeByMail(STAFF.approver));
  });

  it('lets her make a disbursement and upload its file, after one with a mistake', async () => {
    const made = await nora.POST('/disbursements', {
      body: {
        name: 'A working day',
        asset_id: organisation.assetId,
        wallet_id: organisation.walletId,
        registration_contact_type: 'PHONE_NUMBER',
        verification_field: 'DATE_OF_BIRTH',
      },
    });
    disbursement = dataOf(made).id;
    const upload = async (content: string) => {
      const form = new FormData();
      form.set('file', new Blob([content], { type: 'text/csv' }), 'day.csv');
      return await nora.POST('/disbursements/{id}/instructions', {
        params: { path: { id: disbursement } },
        body: { file: '' },
        bodySerializer: () => form,
      });
    };
    const wrong = await upload(peopleFile(PEOPLE).replace(PEOPLE[0]?.phone ?? '', 'no phone'));
    expect(wrong.response.status).toBe(400);
    expect(wrong.error).toHaveProperty(
      'extras',
      expect.objectContaining({ 'line 2 - phone': expect.any(String) as unknown }),
    );
    expect((await upload(peopleFile(PEOPLE))).response.status).toBe(200);
    expect(await status()).toBe('READY');
  });

  it('refuses her as the approver of her own work, and lets another one look and approve', async () => {
    const own = await setStatus(nora, 'STARTED');
    expect(own.response.status).toBe(403);
    const review = await approver.GET('/disbursements/{id}/review', {
      params: { path: { id: disbursement } },
    });
    expect(JSON.stringify(dataOf(review))).toContain('3');
    expect((await setStatus(approver, 'STARTED')).response.status).toBe(200);
    expect(await status()).toBe('STARTED');
  });

  it('is paused and goes on', async () => {
    expect((await setStatus(approver, 'PAUSED')).response.status).toBe(200);
    expect(await status()).toBe('PAUSED');
    expect((await setStatus(approver, 'STARTED')).response.status).toBe(200);
    expect(await status()).toBe('STARTED');
  });

  it('pays who registers, and tells why somebody cannot be paid', async () => {
    await recipient(PAID).openWallet(organisation.asset);
    await ledger.fund(recipient(UNTRUSTING).key.address);
    await Promise.all(
      [PAID, UNTRUSTING].map(async (number) => {
        await recipient(number).waitForInvitation();
        await recipient(number).register();
      }),
    );
    await until(async () => (await paymentTo(PAID)).status === 'SUCCESS', { everyMs: 500 });
    await until(async () => (await paymentTo(UNTRUSTING)).status === 'FAILED', { everyMs: 500 });
    const why = (await paymentTo(UNTRUSTING)).status_history.at(-1)?.status_message;
    expect(why).not.toBe('');
  }, 150_000);

  it('cancels the payment of who does not come', async () => {
    const { id } = await paymentTo(ABSENT);
    const cancelled = await nora.PATCH('/payments/{id}/status', {
      params: { path: { id } },
      body: { status: 'CANCELED' },
    });
    expect(cancelled.response.status).toBe(200);
    expect((await paymentTo(ABSENT)).status).toBe('CANCELED');
  });

  it('pays again what had failed, once what was in the way is gone, and is completed', async () => {
    await ledger.trust(recipient(UNTRUSTING).key, organisation.asset);
    const { id } = await paymentTo(UNTRUSTING);
    const own = await nora.PATCH('/payments/retry', { body: { payment_ids: [id] } });
    expect(own.response.status).toBe(403);
    expect((await owner.PATCH('/payments/retry', { body: { payment_ids: [id] } })).response.status).toBe(200);
    await until(async () => (await paymentTo(UNTRUSTING)).status === 'SUCCESS', { everyMs: 500 });
    await until(async () => (await status()) === 'COMPLETED', { everyMs: 500 });
    for (const number of [PAID, UNTRUSTING]) {
      const held = await ledger.balance(recipient(number).key.address, organisation.asset);
      expect(held).toBe(PEOPLE[number]?.amount);
    }
  }, 150_000);

  it('ends with the export of the payments and the audit log', async () => {
    const csv = dataOf(await nora.GET('/exports/payments', { parseAs: 'text' }));
    for (const { paymentId } of PEOPLE) expect(csv).toContain(paymentId);
    const { data: log } = dataOf(await owner.GET('/audit', { params: { query: { page_limit: 100 } } }));
    const actions = log.map(({ action, actor }) => `${actor.name}: ${action}`);
    expect(actions).toEqual(
      expect.arrayContaining([
        `${STAFF.owner}: POST /users`,
        `${NORA.email}: POST /profile/totp/confirm`,
        `${NORA.email}: POST /disbursements`,
        `${NORA.email}: POST /disbursements/:id/instructions`,
        `${STAFF.approver}: PATCH /disbursements/:id/status`,
        `${NORA.email}: PATCH /payments/:id/status`,
        `${STAFF.owner}: PATCH /payments/retry`,
        `${NORA.email}: GET /exports/payments`,
      ]),
    );
  });
});
