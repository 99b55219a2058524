import { formatAmount } from '@libs/kernel';
import type { StaffClient } from '@libs/staff-client';
import { generateSync } from 'otplib';

import { STAFF } from '../demo/organisation';
import { Recipient } from '../demo/recipient';
import { peopleFile } from '../people/people-file';
import { generatePeople } from '../people/people-generator';
import { dataOf, newDisbursement, uploadFile } from './staff-desk';
import { StaffScene } from './staff-scene';
import { until } from './until';

const NORA = { email: 'nora@demo.example', password: 'Nora-keeps-9-secrets' };
const [PAID, UNTRUSTING, ABSENT] = [0, 1, 2] as const;
const PEOPLE = generatePeople({ count: 3, first: 9_001 });

/** A day at the staff API: one step after the other, as a new user takes them. */
describe('a working day', () => {
  let scene: StaffScene;
  let owner: StaffClient;
  let nora: StaffClient;
  let approver: StaffClient;
  let disbursement: string;

  beforeAll(async () => {
    scene = await StaffScene.start(PEOPLE);
    owner = await scene.desk.signIn(STAFF.owner, scene.password);
  }, 180_000);

  afterAll(() => scene.stop());

  const recipient = (number: number): Recipient => {
    const found = scene.recipients[number];
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
    expect(await scene.desk.letter(NORA.email)).toContain('Choose a password here');
    await scene.desk.anonymous.POST('/forgot-password', { body: { email: NORA.email } });
    const token = /token=([\w-]+)|\b([\w-]{32})\b/.exec(await scene.desk.letter(NORA.email));
    const reset = await scene.desk.anonymous.POST('/reset-password', {
      body: { password: NORA.password, reset_token: token?.[1] ?? token?.[2] ?? '' },
    });
    expect(reset.response.status).toBe(200);
    nora = await scene.desk.signIn(NORA.email, NORA.password);
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
    nora = await scene.desk.signIn(NORA.email, NORA.password, () =>
      Promise.resolve(recoveryCodes?.[0] ?? ''),
    );
    approver = await scene.desk.signIn(STAFF.approver, scene.password, () =>
      scene.desk.codeByMail(STAFF.approver),
    );
  });

  it('lets her make a disbursement and upload its file, after one with a mistake', async () => {
    disbursement = await newDisbursement(nora, scene.organisation, 'A working day');
    const upload = (content: string) => uploadFile(nora, disbursement, content);
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
    const total = PEOPLE.reduce((sum, { amount }) => sum + amount, 0n);
    expect(dataOf(review)).toMatchObject({
      total_payments: 3,
      total_amount: formatAmount(total),
      new_receivers: 3,
    });
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
    await recipient(PAID).openWallet(scene.organisation.asset);
    await scene.ledger.fund(recipient(UNTRUSTING).key.address);
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
    await scene.ledger.trust(recipient(UNTRUSTING).key, scene.organisation.asset);
    const { id } = await paymentTo(UNTRUSTING);
    const own = await nora.PATCH('/payments/retry', { body: { payment_ids: [id] } });
    expect(own.response.status).toBe(403);
    expect((await owner.PATCH('/payments/retry', { body: { payment_ids: [id] } })).response.status).toBe(200);
    await until(async () => (await paymentTo(UNTRUSTING)).status === 'SUCCESS', { everyMs: 500 });
    await until(async () => (await status()) === 'COMPLETED', { everyMs: 500 });
    for (const number of [PAID, UNTRUSTING]) {
      const held = await scene.ledger.balance(recipient(number).key.address, scene.organisation.asset);
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
