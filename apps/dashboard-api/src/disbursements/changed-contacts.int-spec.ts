import { UploadsRepository } from '@libs/disbursements';
import { fieldOf } from '@libs/kernel';
import { PublishReceivers } from '@libs/receivers';

import { type DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { overtake } from '../testing/overtake';
import { type Reply, TestServer } from '../testing/test-server';

const ELSEWHERE = '+254799999999';

/** Somebody else may have the number by then: who is found by it must have it when the file is published. */
describe('a file of known people whose contact staff change', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  /** One person, whom an earlier file brought. */
  let csv: string;
  let receiver: string;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  beforeEach(async () => {
    own = await fundedWorld(server);
    csv = peopleFile(1);
    const earlier = await own.create();
    await own.upload(earlier, csv);
    const [payment] = await own.payments(earlier);
    receiver = String(payment?.['receiver_id']);
  });
  afterAll(() => server.stop());

  const changeNumber = (): Promise<Reply> =>
    own.call('PATCH', `/receivers/${receiver}`, { phone_number: ELSEWHERE });

  it('while it is read is refused, and the new one of that number is paid by the next try', async () => {
    const number = csv.split('\n')[1]?.split(',')[0] ?? '';
    const id = await own.create();
    let other: unknown;
    overtake(PublishReceivers.prototype, 'change', async () => {
      expect((await changeNumber()).status).toBe(200);
      const added = await own.call('POST', '/receivers', {
        phone_number: number,
        external_id: 'Q',
        verifications: [{ type: 'DATE_OF_BIRTH', value: '1990-01-30' }],
      });
      other = fieldOf(added.body, 'id');
    });
    const refused = await own.upload(id, csv);
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual({
      error: `${number} (line 2) was taken from its receiver while the file was read. Upload the file again`,
    });
    expect(await own.payments(id)).toEqual([]);
    expect((await own.upload(id, csv)).status).toBe(200);
    expect(await own.payments(id)).toMatchObject([{ receiver_id: other }]);
  });

  it('and change back while it is read is published', async () => {
    const number = csv.split('\n')[1]?.split(',')[0] ?? '';
    overtake(PublishReceivers.prototype, 'change', async () => {
      await changeNumber();
      await own.call('PATCH', `/receivers/${receiver}`, { phone_number: number });
    });
    expect((await own.upload(await own.create(), csv)).status).toBe(200);
  });

  it('while it is published waits for that, and is in the review of the disbursement that came with it', async () => {
    let changed: Promise<Reply> | undefined;
    overtake(UploadsRepository.prototype, 'replace', async () => {
      changed = changeNumber();
      await server.waitsForLock();
    });
    const body = new FormData();
    body.set('data', JSON.stringify(own.bodyOf()));
    body.set('file', new Blob([csv], { type: 'text/csv' }), 'people.csv');
    const made = await server.call('POST', '/disbursements', { token: await own.token(), body });
    expect(made.status).toBe(201);
    expect((await changed)?.status).toBe(200);
    const id = String(fieldOf(made.body, 'id'));
    const { body: review } = await own.call('GET', `/disbursements/${id}/review`);
    expect(review).toMatchObject({ recipient_changes: { receivers: 1 } });
  });
});
