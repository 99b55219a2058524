import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { HttpProblem } from './http-problem.errors';
import {
  type Answer,
  IdempotencyKeysRepository,
  type IdempotentRequest,
} from './idempotency-keys.repository';

describe('an Idempotency-Key', () => {
  let test: TestDatabase;
  let database: Database;
  let unitOfWork: UnitOfWork;
  const [tenantId, other] = [newId(), newId()];
  const keys = new IdempotencyKeysRepository();

  beforeAll(async () => {
    test = await testDatabase();
    database = new Database({ url: test.url('dashboardApi'), applicationName: 'test', connectionsMax: 8 });
    unitOfWork = new UnitOfWork(database);
  });
  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  const request = (key: string, more: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
    key,
    scope: 'user:1 POST /payments',
    bodyHash: new Uint8Array(32),
    ...more,
  });
  const ask = (wanted: IdempotentRequest, work: () => Promise<Answer>, tenant = tenantId): Promise<Answer> =>
    unitOfWork.run({ tenantId: tenant, actor: 'user:1', trace: '' }, (tx) => keys.once(tx, wanted, work));

  it('makes ten requests at once do the work once, with one answer for all', async () => {
    let done = 0;
    const work = async (): Promise<Answer> => {
      done += 1;
      return { status: 201, body: { id: String(done) } };
    };
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(request('same'), work)));
    expect(done).toBe(1);
    for (const answer of answers) expect(answer).toEqual({ status: 201, body: { id: '1' } });
  });

  it('is refused with another body', async () => {
    await ask(request('body'), async () => ({ status: 201, body: {} }));
    const again = ask(request('body', { bodyHash: Buffer.alloc(32, 1) }), async () => ({
      status: 201,
      body: {},
    }));
    await expect(again).rejects.toMatchObject({ status: 409 });
  });

  it('is free again when the work failed', async () => {
    const failing = ask(request('failed'), async () => {
      throw new HttpProblem(400);
    });
    await expect(failing).rejects.toBeInstanceOf(HttpProblem);
    const second = await ask(request('failed'), async () => ({ status: 201, body: { second: true } }));
    expect(second.body).toEqual({ second: true });
  });

  it('is another one for another person, route or tenant', async () => {
    let done = 0;
    const work = async (): Promise<Answer> => {
      done += 1;
      return { status: 201, body: null };
    };
    await ask(request('mine'), work);
    await ask(request('mine', { scope: 'user:2 POST /payments' }), work);
    await ask(request('mine'), work, other);
    expect(done).toBe(3);
  });

  it('may be left out', async () => {
    let done = 0;
    const work = async (): Promise<Answer> => {
      done += 1;
      return { status: 200, body: null };
    };
    await ask(request('x', { key: null }), work);
    await ask(request('x', { key: null }), work);
    expect(done).toBe(2);
  });
});
