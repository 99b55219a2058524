import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo } from 'node:net';

import { WaitingLine } from '@libs/persistence';

import { LoadShedding } from './load-shedding';

describe('a server whose requests wait for the database', () => {
  let connections: WaitingLine;
  let shedding: LoadShedding;
  let held: (() => void)[] = [];
  let arrived = 0;
  /** Time goes on only when a test says so: how fast the machine is decides nothing. */
  let milliseconds = 0;
  const now = (): number => milliseconds;
  const server = http.createServer((request, response) => {
    shedding.enter(request, response, () => {
      arrived += 1;
      const goOn = (): void => {
        shedding.leave(request, response, () => response.end('done'));
      };
      if (request.url === '/slow') held.push(goOn);
      else goOn();
    });
  });

  beforeEach(() => {
    connections = new WaitingLine(now);
    shedding = new LoadShedding([connections], { waiting: 2, milliseconds: 20, strictForMs: 1_000 }, now);
  });
  beforeAll(async () => {
    server.listen(0);
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });

  const ask = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`, {
      headers: { connection: 'close' },
    });

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('takes no more when too many have waited for too long, says when to ask again, and is alive all the while', async () => {
    const slow = [ask('/slow'), ask('/slow')];
    await until(() => held.length === 2);
    milliseconds += 30;
    const before = arrived;
    const refused = await ask('/payments');
    expect([refused.status, refused.headers.get('retry-after'), arrived]).toEqual([503, '1', before]);
    expect(await refused.json()).toEqual({
      error: 'There is too much to do at this moment. Please try again in a second.',
    });
    expect((await ask('/health')).status).toBe(200);
    for (const next of held) next();
    held = [];
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask('/payments')).status).toBe(200);
  });

  it('takes a request though another one has waited for very long, as long as they are few', async () => {
    const slow = ask('/slow');
    await until(() => held.length === 1);
    milliseconds += 30;
    expect((await ask('/payments')).status).toBe(200);
    for (const next of held) next();
    held = [];
    expect((await slow).status).toBe(200);
  });

  it('takes no more either when those whom it took wait for connections for too long', async () => {
    const work = [{}, {}];
    for (const one of work) connections.enter(one);
    expect((await ask('/payments')).status).toBe(200);
    milliseconds += 30;
    const before = arrived;
    expect([(await ask('/payments')).status, arrived]).toEqual([503, before]);
    connections.leave(work[0] ?? {});
    expect((await ask('/payments')).status).toBe(200);
  });

  it('takes no more than may wait for a while after that, though none of them has waited for long', async () => {
    const refill = async (): Promise<number> => {
      const work = [{}, {}];
      for (const one of work) connections.enter(one);
      const { status } = await ask('/payments');
      for (const one of work) connections.leave(one);
      return status;
    };
    expect(await refill()).toBe(200);
    const slow = [{}, {}];
    for (const one of slow) connections.enter(one);
    milliseconds += 30;
    expect((await ask('/payments')).status).toBe(503);
    for (const one of slow) connections.leave(one);
    expect(await refill()).toBe(503);
    expect((await ask('/payments')).status).toBe(200);
    milliseconds += 1_100;
    expect(await refill()).toBe(200);
  });

  it('forgets who went away while they waited', async () => {
    const gone = new AbortController();
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/slow`;
    const left = [1, 2].map(() => fetch(url, { signal: gone.signal }).catch(() => null));
    await until(() => held.length === 2);
    milliseconds += 30;
    expect((await ask('/payments')).status).toBe(503);
    gone.abort();
    await Promise.all(left);
    let status = 503;
    for (let turn = 0; turn < 1_000 && status !== 200; turn += 1) status = (await ask('/payments')).status;
    expect(status).toBe(200);
    held = [];
  });
});
