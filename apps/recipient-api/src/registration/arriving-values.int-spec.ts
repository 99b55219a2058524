import { newId } from '@libs/kernel';
import { bindToReceiver, hashVerificationValue } from '@libs/receivers';

import { RecipientWorld, type TestPerson, type TestTenant } from '../testing/recipient-world';

const CORRECTED = '1991-02-28';

describe('what a file says of people who are known', () => {
  let world: RecipientWorld;
  let acme: TestTenant;

  beforeAll(async () => {
    world = await RecipientWorld.start();
    acme = await world.givenTenant();
  });
  afterAll(() => world.close());

  async function givenUpload(tenant: TestTenant): Promise<string> {
    const id = newId();
    await world.superuser.query(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, brought_people)
       VALUES ($1, $2, $2, 'test', 'PUBLISHING', true)`,
      [tenant.id, id],
    );
    return id;
  }
  const publish = (id: string): Promise<unknown> =>
    world.superuser.query(
      `UPDATE disbursements.upload_jobs SET state = 'PUBLISHED', ended_at = now() WHERE id = $1`,
      [id],
    );
  async function brings(
    tenant: TestTenant,
    upload: string,
    person: TestPerson,
    field: string,
  ): Promise<void> {
    const value = hashVerificationValue({ ...world.birthdayAt(acme), value: CORRECTED });
    await world.superuser.query(
      `INSERT INTO receivers.arriving_verifications (tenant_id, upload_id, receiver_id, verification_field, value_hmac)
       VALUES ($1, $2, $3, $4, $5)`,
      [tenant.id, upload, person.receiverId, field, bindToReceiver(value, person.receiverId)],
    );
  }
  const askedOf = async ({ phoneNumber }: TestPerson): Promise<{ token: string; field: unknown }> => {
    const { token } = await world.atThePage(acme);
    const { json } = await world.askForCode(acme, token, phoneNumber);
    return { token, field: json['verification_field'] };
  };

  it('is what they prove from its publication on, and never what a file of another organisation says', async () => {
    const [person, elsewhere] = [await world.givenPerson(acme), await world.givenTenant()];
    const [upload, other] = [await givenUpload(acme), await givenUpload(elsewhere)];
    await brings(acme, upload, person, 'DATE_OF_BIRTH');
    await publish(other);
    const { token } = await askedOf(person);
    const register = async (birthday?: string): Promise<number> => {
      const code = (await world.codeFor(acme, person)) ?? '';
      const given = { phoneNumber: person.phoneNumber, code };
      return (await world.register(acme, token, birthday === undefined ? given : { ...given, birthday }))
        .status;
    };
    expect(await register(CORRECTED)).toBe(400);
    await publish(upload);
    expect(await register()).toBe(400);
    // As if a row of theirs named this person.
    await brings(elsewhere, other, person, 'DATE_OF_BIRTH');
    expect(await register(CORRECTED)).toBe(200);
    const left = `receivers.arriving_verifications WHERE receiver_id = '${person.receiverId}'`;
    expect(await world.count(`${left} AND tenant_id = '${acme.id}'`)).toBe(0);
    expect(await world.count(left)).toBe(1);
  });

  it('is what they are asked for from its publication on', async () => {
    const [person, upload] = [await world.givenPerson(acme), await givenUpload(acme)];
    await world.superuser.query(
      `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to, updated_at)
       SELECT tenant_id, receiver_id, 'PIN', value_hmac, bound_to, updated_at - interval '1 day' FROM receivers.verifications WHERE receiver_id = $1`,
      [person.receiverId],
    );
    await brings(acme, upload, person, 'PIN');
    expect((await askedOf(person)).field).toBe('DATE_OF_BIRTH');
    await publish(upload);
    expect((await askedOf(person)).field).toBe('PIN');
  });
});
