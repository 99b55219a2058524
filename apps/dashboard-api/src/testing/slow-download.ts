import { request, type IncomingMessage } from 'node:http';

import type { DisbursementWorld } from './disbursement-world';

/** The answer to a download by the owner, of which nothing is read after the first bytes until somebody does. */
export async function stalledDownload(own: DisbursementWorld, path: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${await own.token()}` };
  return await new Promise((resolve, reject) => {
    const asked = request(own.server.url + path, { headers });
    asked.on('response', (response) => resolve(response.pause()));
    asked.on('error', reject);
    asked.end();
  });
}

/** The lines of a download behind the first one, read as fast as they come. */
export async function restOf(response: IncomingMessage): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString().split('\r\n').slice(1, -1);
}

/** An answer is with the client a moment before its connections are back. */
export async function nobodyIsConnected({ server }: DisbursementWorld): Promise<void> {
  const { pool } = server.platform.database;
  const deadline = Date.now() + 15_000;
  while (pool.totalCount > pool.idleCount && Date.now() < deadline) {
    await new Promise((resume) => setTimeout(resume, 20));
  }
  expect(pool.totalCount - pool.idleCount).toBe(0);
}
