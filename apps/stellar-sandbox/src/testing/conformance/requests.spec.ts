import { connect } from 'node:net';

import { Keypair } from '@stellar/stellar-sdk';

import { type Sandbox, startSandbox } from '../../sandbox';
import { type HttpAnswer, isRecord, request } from '../ledger-client';
import { recorded } from './corpus';
import { payTo } from './operation-forms';
import { Stage, units } from './stage';

type Ask = (url: string, envelope: string) => Promise<HttpAnswer>;

const postTx = async (url: string, tx: string): Promise<HttpAnswer> =>
  request(`${url}/transactions`, { method: 'POST', body: new URLSearchParams({ tx }) });

const get =
  (path: string, headers: Readonly<Record<string, string>> = {}): Ask =>
  async (url) =>
    request(`${url}${path}`, { headers });

const NOBODY = Keypair.random().publicKey();
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const HASH = 'ab'.repeat(32);

function multipart(envelope: string): RequestInit {
  const body = new FormData();
  body.append('tx', envelope);
  return { method: 'POST', body };
}

/** What a client sends wrongly, or unusually. The order matters: the envelope is included by the first good one. */
const REQUESTS: Readonly<Record<string, Ask>> = {
  post_no_tx_param: async (url) =>
    request(`${url}/transactions`, { method: 'POST', body: new URLSearchParams() }),
  post_not_base64: async (url) => postTx(url, '%%%not base64'),
  post_base64_garbage: async (url) =>
    postTx(url, Buffer.from('hello world this is not xdr').toString('base64')),
  post_truncated: async (url, envelope) => postTx(url, envelope.slice(0, 80)),
  post_trailing_bytes: async (url, envelope) =>
    postTx(url, Buffer.concat([Buffer.from(envelope, 'base64'), Buffer.alloc(4)]).toString('base64')),
  post_json_content_type: async (url, tx) =>
    request(`${url}/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tx }),
    }),
  post_unescaped_plus: async (url, envelope) =>
    request(`${url}/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `tx=${envelope.slice(0, 99)}+${envelope.slice(100)}`,
    }),
  post_tx_in_query: async (url, envelope) =>
    request(`${url}/transactions?tx=${encodeURIComponent(envelope)}`, { method: 'POST' }),
  post_multipart: async (url, envelope) => request(`${url}/transactions`, multipart(envelope)),
  put_transactions: async (url) => request(`${url}/transactions`, { method: 'PUT' }),
  post_transactions_async: async (url, tx) =>
    request(`${url}/transactions_async`, { method: 'POST', body: new URLSearchParams({ tx }) }),
  get_unknown_path: get('/nothing/here'),
  get_account_missing: get(`/accounts/${NOBODY}`),
  get_account_invalid: get('/accounts/GABC'),
  get_account_muxed_id: get(`/accounts/${MUXED}`),
  get_tx_missing: get(`/transactions/${HASH}`),
  get_tx_invalid: get('/transactions/xyz'),
  get_tx_upper_hex: get(`/transactions/${HASH.toUpperCase()}`),
  get_payments_missing_account: get(`/accounts/${NOBODY}/payments`),
  get_transactions_missing_account: get(`/accounts/${NOBODY}/transactions`),
  get_limit_201: get('/payments?limit=201'),
  get_limit_0: get('/payments?limit=0'),
  get_bad_cursor: get('/payments?cursor=abc'),
  get_bad_order: get('/payments?order=sideways'),
  get_cursor_now: get('/payments?cursor=now'),
  get_future_ledger: get('/ledgers/99999999'),
  get_accounts_no_filter: get('/accounts'),
  get_accept_xml: get('/ledgers', { accept: 'application/xml' }),
  get_operation_missing: get('/operations/1'),
  get_bad_asset_filter: get('/accounts?asset=USD'),
  get_friendbot: get(`/friendbot?addr=${NOBODY}`),
};

/** Envelopes and hashes belong to one network; that they are echoed is checked apart. */
const masked = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (key, value: unknown) =>
    key === 'envelope_xdr' || key === 'hash' ? '…' : value,
  );

const scenarios = recorded('errors');

describe('The sandbox answers odd requests as a real network', () => {
  let sandbox: Sandbox;
  let envelope: string;

  beforeAll(async () => {
    // The recorded network had no friendbot.
    sandbox = await startSandbox({ closeMs: 20, friendbot: false });
    const stage = new Stage(sandbox);
    await stage.fund('A', 'B');
    do {
      const fee = 100 + Math.floor(Math.random() * 1000);
      const operations = [payTo(stage.key('B'), units(1))];
      envelope = await stage.envelope({ source: stage.key('A'), operations, fee });
    } while (!envelope.includes('+'));
  });

  afterAll(async () => {
    await sandbox.close();
  });

  it.each(scenarios.map(({ fields, scenario }) => ({ scenario, fields })))('$scenario', async (recording) => {
    const { fields, scenario } = recording;
    const ask = REQUESTS[scenario];
    if (ask === undefined) throw new Error(`nobody knows how to ask ${scenario}`);
    const answer = await ask(sandbox.url, envelope);
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status: fields['http_status'],
      type: fields['content_type'] ?? null,
    });
    if (isRecord(fields['json'])) expect(masked(answer.json)).toEqual(fields['json']);
  });

  it.each(['/accounts/%E0%A4%A', '/accounts/x/data/%zz', '/transactions/%', '/ledgers/-1', '/operations/x'])(
    'finds nothing wrong with itself when a path is nonsense: %s',
    async (path) => {
      const { status } = await request(`${sandbox.url}${path}`);
      expect([400, 404]).toContain(status);
    },
  );

  it.each([
    ['a path that is none', 'GET //x:y HTTP/1.1\r\nhost: a\r\n'],
    ['a host that is none', 'GET / HTTP/1.1\r\nhost: a b"<>\r\n'],
  ])('survives %s', async (_name, head) => {
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    socket.end(`${head}connection: close\r\n\r\n`);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 (200|400) /);
    expect((await request(`${sandbox.url}/health`)).status).toBe(200);
  });

  it('echoes the envelope that it could not read', async () => {
    const { json } = await postTx(sandbox.url, 'AAAA');
    expect(json['extras']).toEqual({ envelope_xdr: 'AAAA' });
  });
});
