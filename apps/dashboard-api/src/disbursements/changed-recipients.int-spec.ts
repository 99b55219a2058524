import type { Role } from '@libs/contracts';
import { fieldOf } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

import { BY_PHONE, type DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { fundedWorld, UNIT } from '../testing/funds';
import { overtake } from '../testing/overtake';
import { type Reply, TestServer } from '../testing/test-server';

const refusal = (who: string): object => ({
  status: 409,
  body: {
    error: `the address, contact or verification of ${who} was changed since this was made: look at GET /disbursements/{id}/review again, and name the version of its recipient_changes`,
  },
});
const BY_ITS_CREATOR = {
  status: 403,
  body: { error: "Disbursement can't be started by its creator. Approval by another user is required." },
};

const newAddress = (): string => accountAddressOf(randomBytes(32));

describe('a file whose people were changed by staff after the review', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  /** An organisation with this rule. */
  async function world({
    isRequired = true,
    secondAbove = null as bigint | null,
  }): Promise<DisbursementWorld> {
    const own = await fundedWorld(server);
    await server.sql(
      'UPDATE tenants.organizations SET is_approval_required = $2, second_approver_amount = $3 WHERE tenant_id = $1',
      [own.tenant.id, isRequired, secondAbove?.toString() ?? null],
    );
    return own;
  }

  /** Uploaded by an initiator: people with an address each. */
  async function withAddresses(own: DisbursementWorld, people = 1): Promise<string> {
    const id = await own.create(
      { registration_contact_type: 'PHONE_NUMBER_AND_WALLET_ADDRESS' },
      'initiator',
    );
    const [head = '', ...rows] = peopleFile(people).trim().split('\n');
    const columns = head.replace('verification,paymentID', 'walletAddress');
    const lines = rows.map((row) => row.replace('1990-01-30,', newAddress()));
    const reply = await own.upload(id, [columns, ...lines, ''].join('\n'), { role: 'initiator' });
    expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
    return id;
  }

  const reviewOf = async (own: DisbursementWorld, id: string): Promise<unknown> =>
    (await own.call('GET', `/disbursements/${id}/review`, undefined, 'approver')).body;
  const fileOf = (review: unknown): unknown => fieldOf(fieldOf(review, 'file'), 'id');
  const versionOf = (review: unknown): unknown => fieldOf(fieldOf(review, 'recipient_changes'), 'version');
  const start = (
    own: DisbursementWorld,
    id: string,
    seen: object = {},
    role: Role = 'approver',
  ): Promise<Reply> => own.call('PATCH', `/disbursements/${id}/status`, { status: 'STARTED', ...seen }, role);

  const receiversOf = async (own: DisbursementWorld, id: string): Promise<string[]> =>
    (await own.payments(id)).map((payment) => String(payment['receiver_id']));
  async function redirect(own: DisbursementWorld, receiver: string, role: Role = 'initiator'): Promise<void> {
    const { wallets } = (await own.call('GET', `/receivers/${receiver}`)).body as {
      readonly wallets: readonly { readonly id: string }[];
    };
    const path = `/receivers/${receiver}/wallets/${wallets[0]?.id ?? ''}`;
    expect((await own.call('PATCH', path, { stellar_address: newAddress() }, role)).status).toBe(200);
  }
  const change = async (
    own: DisbursementWorld,
    receiver: string,
    edit: object,
    role: Role,
  ): Promise<void> => {
    expect((await own.call('PATCH', `/receivers/${receiver}`, edit, role)).status).toBe(200);
  };

  it('is not started as it was reviewed when an address is another one', async () => {
    const own = await world({});
    const id = await withAddresses(own);
    const file = fileOf(await reviewOf(own, id));
    const [receiver = ''] = await receiversOf(own, id);
    await redirect(own, receiver);
    for (const seen of [{ file }, {}, { file, recipient_changes: 'ab'.repeat(32) }]) {
      expect(await start(own, id, seen)).toMatchObject(refusal('1 recipient'));
    }
    expect(await own.promised()).toBe(0n);
  });

  it.each([
    ['telephone number', { phone_number: '+254799999999' }],
    ['e-mail address', { email: 'somebody.else@people.test' }],
    ['date of birth', { date_of_birth: '1955-05-05' }],
  ])(
    'is not started as it was reviewed when the %s of who still has to register is another one',
    async (_what, edit) => {
      const own = await world({});
      const id = await own.ready(3, { uploader: 'initiator' });
      const file = fileOf(await reviewOf(own, id));
      const [receiver = ''] = await receiversOf(own, id);
      await change(own, receiver, edit, 'initiator');
      expect(await start(own, id, { file })).toMatchObject(refusal('1 recipient'));
    },
  );

  it('starts for who has seen in the review who changed whom', async () => {
    const own = await world({});
    const id = await withAddresses(own, 3);
    expect(await reviewOf(own, id)).toMatchObject({ recipient_changes: null });
    const [first = '', second = ''] = await receiversOf(own, id);
    await redirect(own, first);
    const early = await reviewOf(own, id);
    await redirect(own, second);
    const review = await reviewOf(own, id);
    const changedBy = { first_name: 'First', last_name: 'Last' };
    expect(review).toMatchObject({
      recipient_changes: {
        receivers: 2,
        newest: [second, first].map((receiver) => ({
          receiver_id: receiver,
          changed_at: expect.stringMatching(/Z$/) as unknown,
          changed_by: changedBy,
        })),
      },
    });
    const stale = { file: fileOf(review), recipient_changes: versionOf(early) };
    expect(await start(own, id, stale)).toMatchObject(refusal('2 recipients'));
    const seen = { file: fileOf(review), recipient_changes: versionOf(review) };
    expect((await start(own, id, seen)).status).toBe(200);
  });

  it('is refused also when an address is changed while the ledger is read', async () => {
    const own = await world({});
    const id = await withAddresses(own);
    const file = fileOf(await reviewOf(own, id));
    const [receiver = ''] = await receiversOf(own, id);
    overtake(server.ledger.reader, 'account', () => redirect(own, receiver));
    expect(await start(own, id, { file })).toMatchObject(refusal('1 recipient'));
  });

  it('is not started by who changed them, where somebody else has to approve', async () => {
    const own = await world({});
    const id = await withAddresses(own);
    const [receiver = ''] = await receiversOf(own, id);
    await redirect(own, receiver, 'financial_controller');
    const seen = { recipient_changes: versionOf(await reviewOf(own, id)) };
    expect(await start(own, id, seen, 'financial_controller')).toMatchObject(BY_ITS_CREATOR);
    expect((await start(own, id, seen)).status).toBe(200);
  });

  it('is not started by who made the API key that changed them', async () => {
    const own = await world({});
    const id = await own.ready(1, { uploader: 'initiator' });
    const [receiver = ''] = await receiversOf(own, id);
    const maker = await server.user(own.tenant, 'financial_controller');
    const headers = {
      authorization: await server.apiKey(own.tenant, { createdBy: maker.id, permissions: ['write:all'] }),
      'sdp-tenant-name': own.tenant.name,
    };
    const json = { phone_number: '+254799999998' };
    expect((await server.call('PATCH', `/receivers/${receiver}`, { headers, json })).status).toBe(200);
    const token = await server.login(own.tenant, maker.email);
    const started = { status: 'STARTED', recipient_changes: versionOf(await reviewOf(own, id)) };
    const reply = await server.call('PATCH', `/disbursements/${id}/status`, { token, json: started });
    expect(reply).toMatchObject(BY_ITS_CREATOR);
  });

  it('needs both approvers anew', async () => {
    const own = await world({ isRequired: false, secondAbove: UNIT });
    const id = await withAddresses(own);
    expect((await start(own, id)).status).toBe(202);
    const [receiver = ''] = await receiversOf(own, id);
    await redirect(own, receiver);
    const review = await reviewOf(own, id);
    expect(review).toMatchObject({ approvals: [] });
    const seen = { recipient_changes: versionOf(review) };
    expect((await start(own, id, seen, 'financial_controller')).status).toBe(202);
    expect(await reviewOf(own, id)).toMatchObject({ approvals: [{ first_name: 'First' }] });
    expect((await start(own, id, seen)).status).toBe(200);
  });

  it('is resumed with what its start has seen, and not with what was changed during the pause', async () => {
    const own = await world({});
    const id = await withAddresses(own);
    const [receiver = ''] = await receiversOf(own, id);
    await redirect(own, receiver);
    const seen = { recipient_changes: versionOf(await reviewOf(own, id)) };
    expect((await start(own, id, seen)).status).toBe(200);
    await own.setStatus(id, 'PAUSED');
    expect((await start(own, id)).status).toBe(200);
    await own.setStatus(id, 'PAUSED');
    await redirect(own, receiver);
    expect(await start(own, id)).toMatchObject(refusal('1 recipient'));
  });

  it('starts as ever when nothing was changed, or only people of other files, the number of a person or nothing in truth', async () => {
    const own = await world({});
    const [id, other] = [await withAddresses(own), await withAddresses(own)];
    const [[receiver = ''], [stranger = '']] = [await receiversOf(own, id), await receiversOf(own, other)];
    await redirect(own, stranger);
    const { phone_number: phone } = (await own.call('GET', `/receivers/${receiver}`)).body as {
      readonly phone_number: string;
    };
    await change(own, receiver, { external_id: 'E-77', phone_number: phone }, 'initiator');
    const review = await reviewOf(own, id);
    expect(review).toMatchObject({ recipient_changes: null });
    expect((await start(own, id, { file: fileOf(review) })).status).toBe(200);
  });

  describe('before the same file was uploaded again', () => {
    /** One person, whom `by` has changed between the two uploads of an initiator. */
    async function uploadedAgain(own: DisbursementWorld, by: Role = 'initiator'): Promise<string> {
      const id = await own.create(BY_PHONE, 'initiator');
      const file = peopleFile(1);
      await own.upload(id, file, { role: 'initiator' });
      const [receiver = ''] = await receiversOf(own, id);
      await change(own, receiver, { email: 'somebody.else@people.test' }, by);
      expect((await own.upload(id, file, { role: 'initiator' })).status).toBe(200);
      return id;
    }

    it('is still not started until its approver has seen the change', async () => {
      const own = await world({});
      const id = await uploadedAgain(own);
      const review = await reviewOf(own, id);
      expect(review).toMatchObject({ recipient_changes: { receivers: 1 } });
      const file = fileOf(review);
      expect(await start(own, id, { file })).toMatchObject(refusal('1 recipient'));
      expect((await start(own, id, { file, recipient_changes: versionOf(review) })).status).toBe(200);
    });

    it('is still not started by who made the change and names the review', async () => {
      const own = await world({});
      const id = await uploadedAgain(own, 'financial_controller');
      const seen = { recipient_changes: versionOf(await reviewOf(own, id)) };
      expect(await start(own, id, seen, 'financial_controller')).toMatchObject(BY_ITS_CREATOR);
    });

    it('starts as ever for who can name no review, also for who made the change', async () => {
      const own = await world({});
      expect((await start(own, await uploadedAgain(own))).status).toBe(200);
      const other = await world({});
      const id = await uploadedAgain(other, 'financial_controller');
      expect((await start(other, id, {}, 'financial_controller')).status).toBe(200);
    });

    it('starts for two approvers of whom one names the review and one can not', async () => {
      const own = await world({ isRequired: false, secondAbove: UNIT });
      const id = await uploadedAgain(own);
      expect((await start(own, id)).status).toBe(202);
      const review = await reviewOf(own, id);
      expect(review).toMatchObject({ approvals: [{ first_name: 'First' }] });
      const seen = { file: fileOf(review), recipient_changes: versionOf(review) };
      expect((await start(own, id, seen, 'financial_controller')).status).toBe(200);
    });
  });

  it('starts as ever when they were changed before it was made', async () => {
    const own = await world({});
    const file = peopleFile(1);
    const before = await own.create(BY_PHONE, 'initiator');
    await own.upload(before, file, { role: 'initiator' });
    const [receiver = ''] = await receiversOf(own, before);
    await change(own, receiver, { date_of_birth: '1990-01-30' }, 'initiator');
    const id = await own.create(BY_PHONE, 'initiator');
    await own.upload(id, file, { role: 'initiator' });
    expect((await start(own, id, { file: fileOf(await reviewOf(own, id)) })).status).toBe(200);
  });

  it('starts as ever where nobody has to approve it and no review is named', async () => {
    const own = await world({ isRequired: false });
    const id = await withAddresses(own);
    const [receiver = ''] = await receiversOf(own, id);
    await redirect(own, receiver);
    expect(await start(own, id, { file: fileOf(await reviewOf(own, id)) })).toMatchObject(
      refusal('1 recipient'),
    );
    expect((await start(own, id, {}, 'owner')).status).toBe(200);
  });

  it.each([1, {}, '', 'abc', 'AB'.repeat(32)])(
    'is a 400 where its changes are called %j',
    async (version) => {
      const own = await world({});
      const reply = await start(own, await own.ready(1), { recipient_changes: version });
      expect(reply).toMatchObject({
        status: 400,
        body: {
          extras: {
            recipient_changes: 'recipient_changes must be the version that is shown with the changes',
          },
        },
      });
    },
  );
});
