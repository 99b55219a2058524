import { once } from 'node:events';
import http from 'node:http';

import { HttpClient, NoAnswerError } from './http-client';

describe('the HTTP client of a simulated person', () => {
  let server: http.Server;
  let url: string;
  let answers: (number | 'cut')[];
  const client = new HttpClient({ totalMs: 3_000, answerWithinMs: 1_000 });

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      const next = answers.shift() ?? 200;
      request.resume();
      if (next === 'cut') request.socket.destroy();
      else response.writeHead(next).end(`answer ${String(next)}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/x`;
  });

  afterAll(() => {
    client.close();
    server.close();
  });

  it('tries again while the other side is away, overloaded or in error', async () => {
    answers = ['cut', 503, 429, 200];
    expect((await client.send({ method: 'POST', url, body: 'x' })).text).toBe('answer 200');
    expect(answers).toEqual([]);
  });

  it('takes a refusal for an answer', async () => {
    answers = [409];
    expect((await client.send({ url })).status).toBe(409);
  });

  it('gives up when its patience is at an end, and says where without the query', async () => {
    const impatient = new HttpClient({ totalMs: 0, answerWithinMs: 1_000 });
    answers = [500];
    const host = new URL(url).host;
    await expect(impatient.send({ url: `${url}?phone=1` })).rejects.toThrow(
      new NoAnswerError(`GET ${host}/x: 500 answer 500`),
    );
  });
});
