import { staffClient, type StaffClient } from '@libs/staff-client';

import type { HttpClient } from '../demo/http-client';
import { listOf, objectIn, textOf } from '../demo/json';
import type { Organisation } from '../demo/organisation';
import { type Installation, localUrl } from '../system/installation';
import { until } from './until';

const DEVICE = { 'Device-ID': 'the laptop of the desk' };
const TENANT = { 'SDP-Tenant-Name': 'demo' };
const CODE = /\b\d{6}\b/;

/** Somebody who sits at the staff API with a typed client, and reads the letters that come. */
export class StaffDesk {
  private readonly url: string;
  private readonly read = new Set<string>();
  private calls = 0;

  constructor(
    private readonly http: HttpClient,
    private readonly installation: Installation,
  ) {
    this.url = localUrl(installation.ports.staff);
  }

  /** For what needs no token. */
  get anonymous(): StaffClient {
    return staffClient({ url: this.url, headers: { ...TENANT, ...DEVICE } });
  }

  async signIn(email: string, password: string, secondFactor?: () => Promise<string>): Promise<StaffClient> {
    const { data } = await this.anonymous.POST('/login', { body: { email, password } });
    if (data === undefined) throw new Error(`${email} could not sign in`);
    if ('token' in data) return this.with(data.token);
    if (secondFactor === undefined) throw new Error(`${email} is asked for a second factor`);
    const answer = await this.anonymous.POST('/mfa', {
      params: { header: DEVICE },
      body: { mfa_code: await secondFactor() },
    });
    if (answer.data === undefined) throw new Error(`the second factor of ${email} is refused`);
    return this.with(answer.data.token);
  }

  /** The next letter to this address that nobody has read. */
  async letter(email: string): Promise<string> {
    let found: { readonly id: string; readonly body: string } | undefined;
    const url = `${localUrl(this.installation.ports.messaging)}/outbox?recipient=${encodeURIComponent(email)}`;
    await until(
      async () => {
        const messages = listOf(objectIn(await this.http.send({ url }), 'read the outbox'), 'messages');
        const all = messages.map((item) => ({ id: textOf(item, 'id'), body: textOf(item, 'body') }));
        found = all
          .filter(({ id }) => !this.read.has(id))
          .toSorted((one, other) => (one.id < other.id ? -1 : 1))[0];
        return found !== undefined;
      },
      { everyMs: 100, withinMs: 30_000 },
    );
    this.read.add(found?.id ?? '');
    return found?.body ?? '';
  }

  async codeByMail(email: string): Promise<string> {
    return CODE.exec(await this.letter(email))?.[0] ?? '';
  }

  private with(token: string): StaffClient {
    const client = staffClient({ url: this.url, token });
    client.use({
      onRequest: ({ request }) => {
        request.headers.set('x-forwarded-for', this.nextAddress());
        return request;
      },
    });
    return client;
  }

  /** Tests look far more often than people do: each call has an address of its own, so that the limit on one stays on. */
  private nextAddress(): string {
    this.calls += 1;
    return `10.64.${String((this.calls >> 8) & 255)}.${String(this.calls & 255)}`;
  }
}

/** The data of an answer that has to be a success. */
export function dataOf<T>(answer: {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}): T {
  if (answer.error === undefined && answer.data !== undefined) return answer.data;
  throw new Error(`${String(answer.response.status)} ${JSON.stringify(answer.error)}`);
}

/** A new disbursement by phone and date of birth; its id. */
export async function newDisbursement(
  who: StaffClient,
  { assetId, walletId }: Organisation,
  name: string,
): Promise<string> {
  const made = await who.POST('/disbursements', {
    body: {
      name,
      asset_id: assetId,
      wallet_id: walletId,
      registration_contact_type: 'PHONE_NUMBER',
      verification_field: 'DATE_OF_BIRTH',
    },
  });
  return dataOf(made).id;
}

/** Sends a file of people, as the form of a browser does. */
export async function uploadFile(who: StaffClient, id: string, content: string) {
  const form = new FormData();
  form.set('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
  return await who.POST('/disbursements/{id}/instructions', {
    params: { path: { id } },
    body: { file: '' },
    bodySerializer: () => form,
  });
}
