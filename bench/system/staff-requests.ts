import { randomUUID } from 'node:crypto';
import http from 'node:http';

import { peopleFile } from '../people';
import type { StaffSystem } from '../staff-system';

/** What came of one request. */
export interface Outcome {
  /** 0: not answered. */
  readonly status: number;
  /** The beginning of the answer. */
  readonly said: string;
  readonly retryAfter: string | undefined;
  readonly milliseconds: number;
}

export interface Asking {
  readonly agent: http.Agent;
  /** Which request it is: every one comes from another address. */
  readonly from: number;
  /** Who waits for longer has gone away. */
  readonly patienceMs: number;
}

interface Order {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the file of which draft. */
  readonly draft: string | null;
}

const PEOPLE = 100;
const DRAFTS = 20;
const FILE_ROWS = 3;
/** Of a hundred requests of staff these write; all others look at a disbursement. */
const OF_A_HUNDRED = 100;
const PAYMENTS = [10, 35, 60, 85];
const EDITS = [20, 45, 70, 95];
const UPLOAD = 50;
const SAID_MAX = 300;
const BOUNDARY = 'a-file-of-people';

/** What staff ask for, mixed as they would: they look, pay a person, edit one, upload a small file. */
export class StaffRequests {
  private readonly freeDrafts: string[] = [];

  private constructor(
    private readonly system: StaffSystem,
    private readonly token: string,
    private readonly disbursement: string,
    private readonly receivers: readonly string[],
    drafts: readonly string[],
  ) {
    this.freeDrafts.push(...drafts);
  }

  static async prepare(system: StaffSystem): Promise<StaffRequests> {
    const { sql, organisation } = system;
    // Payments wait for somebody's approval: that of the ledger's funds is none of the staff API's own speed.
    await sql.query(`UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1`, [
      organisation.tenantId,
    ]);
    await sql.query(
      'INSERT INTO catalogue.wallet_assets (tenant_id, wallet_id, asset_id) VALUES ($1, $2, $3)',
      [organisation.tenantId, organisation.walletId, organisation.assetId],
    );
    const disbursement = await system.createDisbursement();
    await system.upload(disbursement, peopleFile(PEOPLE, 0).content);
    const drafts: string[] = [];
    while (drafts.length < DRAFTS) drafts.push(await system.createDisbursement());
    await sql.query(`UPDATE receivers.receiver_wallets SET status = 'READY'`);
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM receivers.receivers ORDER BY id');
    return new StaffRequests(
      system,
      await system.token(),
      disbursement,
      rows.map(({ id }) => id),
      drafts,
    );
  }

  /** The `number`th request; all of one number are of one kind. */
  async ask(number: number, asking: Asking): Promise<Outcome> {
    const order = this.orderOf(number);
    const outcome = await send(new URL(order.path, this.system.url), order, {
      ...asking,
      token: this.token,
    });
    // A file that nobody knows the end of is still being uploaded, maybe: its draft is not used again.
    if (order.draft !== null && outcome.status !== 0) this.freeDrafts.push(order.draft);
    return outcome;
  }

  private orderOf(number: number): Order {
    const place = number % OF_A_HUNDRED;
    const receiver = this.receivers[Math.floor(number / OF_A_HUNDRED) % this.receivers.length] ?? '';
    if (PAYMENTS.includes(place)) return this.payment(receiver);
    if (EDITS.includes(place))
      return jsonOrder('PATCH', `/receivers/${receiver}`, { external_id: `P-${String(number)}` });
    const draft = place === UPLOAD ? this.freeDrafts.shift() : undefined;
    if (draft !== undefined) return fileOrder(draft);
    return { method: 'GET', path: `/disbursements/${this.disbursement}`, headers: {}, body: '', draft: null };
  }

  private payment(receiver: string): Order {
    const { assetId, walletId } = this.system.organisation;
    const order = jsonOrder('POST', '/payments', {
      ...{ amount: '1', asset: { id: assetId }, receiver: { id: receiver }, wallet: { id: walletId } },
      external_payment_id: randomUUID(),
    });
    return { ...order, headers: { ...order.headers, 'Idempotency-Key': randomUUID() } };
  }
}

const jsonOrder = (method: 'POST' | 'PATCH', path: string, body: object): Order => ({
  ...{ method, path, headers: { 'content-type': 'application/json' }, draft: null },
  body: JSON.stringify(body),
});

const fileOrder = (draft: string): Order => ({
  ...{ method: 'POST', path: `/disbursements/${draft}/instructions`, draft },
  headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  body:
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n` +
    `Content-Type: text/csv\r\n\r\n${peopleFile(FILE_ROWS, 0).content}\r\n--${BOUNDARY}--\r\n`,
});

function send(
  url: URL,
  { method, headers, body }: Order,
  { agent, from, patienceMs, token }: Asking & { readonly token: string },
): Promise<Outcome> {
  const startedAt = performance.now();
  const address = `10.${String((from >> 16) & 255)}.${String((from >> 8) & 255)}.${String(from & 255)}`;
  return new Promise((resolve) => {
    const told = (status: number, said = '', retryAfter?: string): void => {
      resolve({ status, said, retryAfter, milliseconds: performance.now() - startedAt });
    };
    const all = { ...headers, authorization: `Bearer ${token}`, 'X-Forwarded-For': address };
    const request = http.request(url, { agent, method, headers: all }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        if (said.length < SAID_MAX) said += text.slice(0, SAID_MAX);
      });
      response.on('end', () => {
        told(response.statusCode ?? 0, said, response.headers['retry-after']);
      });
      response.on('error', () => {
        told(0);
      });
    });
    request.on('error', () => {
      told(0);
    });
    request.setTimeout(patienceMs, () => {
      request.destroy();
    });
    request.end(body);
  });
}
