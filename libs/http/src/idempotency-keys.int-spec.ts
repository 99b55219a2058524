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

  it('is refused while the first request with it is still running, and answered when that is done', async () => {
    const impatient = new IdempotencyKeysRepository({ firstAwaitedMs: 50 });
    const again = (): Promise<Answer> =>
      unitOfWork.run({ tenantId, actor: 'user:1', trace: '' }, (tx) =>
        impatient.once(tx, request('slow'), () => Promise.resolve({ status: 201, body: { twice: true } })),
      );
    const first = await ask(request('slow'), async () => {
      await expect(again()).rejects.toMatchObject({
        status: 409,
        body: { error: 'the first request with this Idempotency-Key is still running. Please try again.' },
        retryAfterSeconds: 1,
      });
      return { status: 201, body: { first: true } };
    });
    expect(await again()).toEqual(first);
  });

  it('leaves the work as patient as it is without a key', async () => {
    const timeout = async (key: string | null): Promise<unknown> => {
      const read = await unitOfWork.run({ tenantId, actor: 'user:1', trace: '' }, (tx) =>
        keys.once(tx, request('patience', { key }), async () => ({
          status: 200,
          body: await tx.queryOne('SHOW lock_timeout'),
        })),
      );
      return read.body;
    };
    expect(await timeout('patience')).toEqual(await timeout(null));
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

  it('answers a look that was refused because the one before was faster, and else lets it be refused', async () => {
    const look = (key: string, first: () => Promise<unknown>): Promise<unknown> =>
      unitOfWork.run({ tenantId, actor: 'user:1', trace: '' }, (tx) =>
        keys.findOr(tx, request(key), async () => {
          await first();
          throw new HttpProblem(400, { error: 'no longer waiting' });
        }),
      );
    const done = async (): Promise<Answer> => ({ status: 200, body: { done: true } });
    expect(await look('faster', () => ask(request('faster'), done))).toEqual({
      answer: { status: 200, body: { done: true } },
    });
    await expect(look('alone', async () => null)).rejects.toMatchObject({ status: 400 });
  });

  it('is kept for 24 hours and not longer', async () => {
    let done = 0;
    const work = async (): Promise<Answer> => {
      done += 1;
      return { status: 201, body: { id: String(done) } };
    };
    const find = (): Promise<Answer | null> =>
      unitOfWork.run({ tenantId, actor: 'user:1', trace: '' }, (tx) => keys.find(tx, request('old')));
    const age = (hours: string): Promise<unknown> =>
      unitOfWork.run({ tenantId, actor: 'user:1', trace: '' }, (tx) =>
        tx.execute(`UPDATE http.idempotency_keys SET created_at = now() - $1::interval WHERE key = 'old'`, [
          hours,
        ]),
      );
    await ask(request('old'), work);
    await age('23 hours 59 minutes');
    expect([await find(), (await ask(request('old'), work)).body]).toEqual([
      { status: 201, body: { id: '1' } },
      { id: '1' },
    ]);
    await age('24 hours 1 second');
    expect(await find()).toBeNull();
    const other = request('old', { bodyHash: Buffer.alloc(32, 1) });
    const again = await Promise.all([1, 2, 3].map(() => ask(other, work)));
    expect([done, again.map(({ body }) => body)]).toEqual([2, [{ id: '2' }, { id: '2' }, { id: '2' }]]);
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
