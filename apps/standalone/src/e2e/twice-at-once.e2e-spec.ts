import { formatAmount } from '@libs/kernel';
import type { StaffClient } from '@libs/staff-client';

import { LUMENS } from '../demo/ledger-client';
import { STAFF } from '../demo/organisation';
import { Recipient } from '../demo/recipient';
import { peopleFile } from '../people/people-file';
import { generatePeople } from '../people/people-generator';
import { dataOf, newDisbursement, uploadFile } from './staff-desk';
import { StaffScene } from './staff-scene';
import { until } from './until';

const PEOPLE = generatePeople({ count: 12, first: 7_001 });
const TRUSTING = PEOPLE.slice(0, 8);
/** They register, and their accounts do not trust the asset at first. */
const UNTRUSTING = PEOPLE.slice(8, 10);
/** They never come. */
const ABSENT = PEOPLE.slice(10);
const FINAL = ['SUCCESS', 'FAILED', 'CANCELED'];
const LEDGERS_AFTER_PAUSE = 3;

type Button = 'start' | 'pause' | 'cancel' | 'retry';

/** Pressed in turn, each button of a line at the same moment, until everybody has an outcome. */
const TOGETHER: readonly (readonly Button[])[] = [
  ['pause', 'start'],
  ['pause', 'pause', 'start', 'start'],
  ['cancel', 'cancel', 'pause'],
  ['retry', 'retry', 'start', 'cancel'],
  ['start', 'start', 'retry', 'pause', 'cancel'],
  ['pause', 'cancel', 'retry', 'start'],
];
const PRESSED_AGAIN_MS = 120;

/** In stroops, each another one: so the ledger tells which direct payment it has made. */
const DIRECT_AMOUNTS_FROM = 101;

interface DirectPayment {
  readonly id: string;
  readonly to: Recipient;
  readonly amount: bigint;
}

interface PaymentNow {
  readonly id: string;
  readonly status: string;
  readonly person: string;
  readonly history: readonly string[];
}

/** Staff who press every button twice, at the same moment, while payments go through every one of their steps. */
describe('retry, cancel, pause and start, pressed together', () => {
  const answers: number[] = [];
  let scene: StaffScene;
  let initiator: StaffClient;
  let owner: StaffClient;
  let approver: StaffClient;
  let disbursement: string;
  let direct: readonly DirectPayment[] = [];

  beforeAll(async () => {
    scene = await StaffScene.start(PEOPLE);
    const signIn = (email: string): Promise<StaffClient> => scene.desk.signIn(email, scene.password);
    initiator = await signIn(STAFF.initiator);
    owner = await signIn(STAFF.owner);
    approver = await signIn(STAFF.approver);
    disbursement = await newDisbursement(initiator, scene.organisation, 'Twice at once');
    const answer = await uploadFile(initiator, disbursement, peopleFile(PEOPLE));
    expect(answer.response.status).toBe(200);
  }, 180_000);

  afterAll(() => scene.stop());

  const setStatus = async (status: string) => {
    const answer = await approver.PATCH('/disbursements/{id}/status', {
      params: { path: { id: disbursement } },
      body: { status },
    });
    answers.push(answer.response.status);
    return answer;
  };
  const cancel = async (id: string): Promise<number> => {
    const { response } = await owner.PATCH('/payments/{id}/status', {
      params: { path: { id } },
      body: { status: 'CANCELED' },
    });
    answers.push(response.status);
    return response.status;
  };
  const retry = async (ids: readonly string[]): Promise<number> => {
    const { response } = await owner.PATCH('/payments/retry', { body: { payment_ids: [...ids] } });
    answers.push(response.status);
    return response.status;
  };
  const shown = async () =>
    dataOf(await owner.GET('/disbursements/{id}', { params: { path: { id: disbursement } } }));
  const payments = async (): Promise<readonly PaymentNow[]> => {
    const { data } = dataOf(await owner.GET('/payments', { params: { query: { page_limit: 100 } } }));
    return data.map(({ id, status, external_payment_id: external, status_history: history }) => ({
      id,
      status,
      person: String(external),
      history: history.map((one) => one.status),
    }));
  };
  const ofPeople = (all: readonly PaymentNow[], people: typeof PEOPLE): readonly PaymentNow[] =>
    all.filter((one) => people.some(({ paymentId }) => paymentId === one.person));
  const press = async (button: Button, all: readonly PaymentNow[]): Promise<void> => {
    const failed = all.filter(({ status }) => status === 'FAILED').map(({ id }) => id);
    // Always the same one, so that it is pressed while this one is on its way.
    const [victim] = ofPeople(all, TRUSTING);
    if (button === 'start') await setStatus('STARTED');
    else if (button === 'pause') await setStatus('PAUSED');
    else if (button === 'cancel') await cancel(victim?.id ?? '');
    else if (failed.length > 0) await retry(failed);
  };
  /** I9: after pause has returned, the ledger pays nobody but whom it listed, however late outcomes are shown. */
  const pauseAndLook = async (): Promise<void> => {
    const paused = await setStatus('PAUSED');
    if (paused.response.status !== 200) return;
    const { distributionAccount } = scene.organisation;
    const cursor = await scene.ledger.endOfPayments(distributionAccount);
    const listed = (paused.data as { may_still_be_paid?: readonly { payment_id: string }[] } | undefined)
      ?.may_still_be_paid;
    const mayBePaid = new Set((listed ?? []).map((one) => one.payment_id));
    const ledger = await scene.ledger.ledgerSequence();
    await until(async () => (await scene.ledger.ledgerSequence()) >= ledger + LEDGERS_AFTER_PAUSE);
    const paid = (await scene.ledger.payments(distributionAccount, cursor)).map(({ to }) => to);
    const people = scene.recipients
      .filter(({ key }) => paid.includes(key.address))
      .map(({ person }) => person);
    const unlisted = ofPeople(await payments(), people).filter(({ id }) => !mayBePaid.has(id));
    expect(unlisted).toEqual([]);
    await setStatus('STARTED');
  };

  it('starts once, however often start is pressed', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => (await setStatus('STARTED')).response.status),
    );
    expect(statuses).toContain(200);
    expect(Math.max(...statuses)).toBeLessThan(500);
    const { status, status_history: history } = await shown();
    expect(status).toBe('STARTED');
    expect(history.filter((one) => one.status === 'STARTED')).toHaveLength(1);
  });

  it('cancels once who does not come, however often cancel is pressed', async () => {
    const absent = ofPeople(await payments(), ABSENT);
    expect(absent).toHaveLength(ABSENT.length);
    await Promise.all(absent.flatMap(({ id }) => [cancel(id), cancel(id), cancel(id)]));
    for (const { history, status } of ofPeople(await payments(), ABSENT)) {
      expect(status).toBe('CANCELED');
      expect(history.filter((one) => one === 'CANCELED')).toHaveLength(1);
    }
  });

  it('pays everybody at most once while every button is pressed', async () => {
    const coming = scene.recipients.filter(({ person }) => !ABSENT.includes(person));
    // An invitation that meets a pause is looked at again a minute later, and would meet another one.
    await Promise.all(coming.map((recipient) => recipient.waitForInvitation()));
    const arrive = async (recipient: Recipient): Promise<void> => {
      if (TRUSTING.includes(recipient.person)) await recipient.openWallet(scene.organisation.asset);
      else await scene.ledger.fund(recipient.key.address);
      await recipient.register();
    };
    const arriving = { over: false };
    const arrived = Promise.all(coming.map(arrive)).finally(() => (arriving.over = true));
    for (let line = 0; ; line += 1) {
      const all = await payments();
      if (arriving.over && all.every(({ status }) => FINAL.includes(status))) break;
      const together = TOGETHER[line % TOGETHER.length] ?? [];
      await Promise.all(together.map((button) => press(button, all)));
      if (line % 10 === 5) await pauseAndLook();
      await new Promise((resolve) => setTimeout(resolve, PRESSED_AGAIN_MS));
    }
    await arrived;
    expect(Math.max(...answers)).toBeLessThan(500);
    for (const { status } of ofPeople(await payments(), TRUSTING)) {
      expect(['SUCCESS', 'CANCELED']).toContain(status);
    }
  }, 240_000);

  /** The same order twice at once under one key: one payment. Whoever makes it may not approve it. */
  const payDirectly = async (to: Recipient, amount: bigint): Promise<DirectPayment> => {
    const order = {
      params: { header: { 'Idempotency-Key': `direct to ${to.person.paymentId}` } },
      body: {
        amount: formatAmount(amount),
        asset: { id: scene.organisation.assetId },
        receiver: { phone_number: to.person.phone },
        wallet: { id: scene.organisation.walletId },
      },
    };
    const made = await Promise.all([initiator.POST('/payments', order), initiator.POST('/payments', order)]);
    const ids = new Set(made.map((answer) => dataOf(answer).id));
    expect(ids.size).toBe(1);
    return { id: [...ids].join(), to, amount };
  };
  const approve = async (who: StaffClient, id: string): Promise<number> => {
    const { response } = await who.POST('/payments/{id}/approval', { params: { path: { id } } });
    answers.push(response.status);
    return response.status;
  };
  /** Every button for every direct payment at the same moment, again and again, until each has an outcome. */
  const pressAllForDirectPayments = async (isDone: (status: string) => boolean): Promise<void> => {
    for (;;) {
      const all = (await payments()).filter((one) => direct.some(({ id }) => id === one.id));
      if (all.every(({ status }) => isDone(status))) return;
      const failed = all.filter(({ status }) => status === 'FAILED').map(({ id }) => id);
      await Promise.all([
        ...direct.flatMap(({ id }, index) => [
          ...[approve(approver, id), approve(owner, id), approve(approver, id)],
          ...(index % 4 === 0 ? [cancel(id), cancel(id)] : []),
        ]),
        ...(failed.length === 0
          ? []
          : [retry(failed), retry(failed.toReversed()), retry(failed.slice(0, 1))]),
        ...[setStatus('PAUSED'), setStatus('STARTED')],
      ]);
      await new Promise((resolve) => setTimeout(resolve, PRESSED_AGAIN_MS));
    }
  };

  it('pays each direct payment at most once while approve, cancel, retry and pause are pressed together', async () => {
    const users = dataOf(await owner.GET('/users'));
    const maker = users.find(({ email }) => email === STAFF.initiator);
    const promoted = await owner.PATCH('/users/roles', {
      body: { user_id: maker?.id ?? '', roles: ['financial_controller'] },
    });
    expect(promoted.response.status).toBe(200);
    const payees = scene.recipients.filter(({ person }) => !ABSENT.includes(person));
    direct = await Promise.all(
      payees.map((to, index) => payDirectly(to, BigInt(DIRECT_AMOUNTS_FROM + index))),
    );
    expect(new Set(await Promise.all(direct.map(({ id }) => approve(initiator, id))))).toEqual(
      new Set([403]),
    );
    await pressAllForDirectPayments((status) => FINAL.includes(status));
    const untrusting = direct.filter(({ to }) => UNTRUSTING.includes(to.person)).map(({ id }) => id);
    const notPaid = (await payments()).filter(({ id }) => untrusting.includes(id));
    expect(notPaid.map(({ status }) => status)).not.toContain('SUCCESS');
    expect(Math.max(...answers)).toBeLessThan(500);
  }, 240_000);

  it('pays once who was tried again by many at the same moment', async () => {
    await Promise.all(
      scene.recipients
        .filter(({ person }) => UNTRUSTING.includes(person))
        .map(({ key }) => scene.ledger.trust(key, scene.organisation.asset)),
    );
    if ((await shown()).status === 'PAUSED') await setStatus('STARTED');
    const failed = ofPeople(await payments(), UNTRUSTING).filter(({ status }) => status === 'FAILED');
    expect(failed).toHaveLength(UNTRUSTING.length);
    const ids = failed.map(({ id }) => id);
    const statuses = await Promise.all([retry(ids), retry(ids), retry(ids), retry(ids.toReversed())]);
    expect(statuses.toSorted()).toEqual([200, 400, 400, 400]);
    await until(
      async () => ofPeople(await payments(), UNTRUSTING).every(({ status }) => status === 'SUCCESS'),
      { everyMs: 300 },
    );
    await until(async () => (await shown()).status === 'COMPLETED', { everyMs: 300 });
    await pressAllForDirectPayments((status) => status === 'SUCCESS' || status === 'CANCELED');
    expect(Math.max(...answers)).toBeLessThan(500);
  }, 120_000);

  it('has paid on the ledger exactly what it shows', async () => {
    const all = await payments();
    for (const { key, person } of scene.recipients) {
      const own = all.find((one) => one.person === person.paymentId);
      // Who never came has no account.
      const isThere = (await scene.ledger.balance(key.address, LUMENS)) !== undefined;
      const came = (isThere ? await scene.ledger.payments(key.address, '') : []).filter(
        ({ assetCode, to }) => to === key.address && assetCode === scene.organisation.asset.code,
      );
      const ownDirect = direct.filter(({ to }) => to.person === person);
      const timesOf = (amount: bigint): number =>
        came.filter((one) => one.amount === formatAmount(amount)).length;
      const directlyPaid = ownDirect.filter(
        ({ id }) => all.find((one) => one.id === id)?.status === 'SUCCESS',
      );
      expect(ownDirect.map(({ amount }) => timesOf(amount))).toEqual(
        ownDirect.map((one) => (directlyPaid.includes(one) ? 1 : 0)),
      );
      const got = came.filter((one) => !ownDirect.some(({ amount }) => formatAmount(amount) === one.amount));
      expect({ person: person.paymentId, status: own?.status, times: got.length }).toEqual({
        person: person.paymentId,
        status: got.length === 1 ? 'SUCCESS' : 'CANCELED',
        times: own?.status === 'SUCCESS' ? 1 : 0,
      });
      if (got.length === 1) {
        const paid = directlyPaid.reduce((sum, { amount }) => sum + amount, person.amount);
        expect(await scene.ledger.balance(key.address, scene.organisation.asset)).toBe(paid);
      }
    }
  });
});
