import type { HttpAnswer, HttpClient } from './http-client';
import { type Json, listIn, listOf, objectIn, objectOf, textOf } from './json';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Sign in again in good time: a token lives 15 minutes. */
const TOKEN_USED_FOR_MS = 10 * 60_000;
const BOUNDARY = '----distributary-demo-file';

/** The staff API, as one signed-in person uses it. */
export class StaffClient {
  private token: { readonly text: string; readonly since: number } | undefined;

  constructor(
    private readonly http: HttpClient,
    private readonly baseUrl: string,
    private readonly credentials: Credentials,
  ) {}

  async get(path: string): Promise<Json> {
    return objectIn(await this.send('GET', path), `GET ${path}`);
  }

  async list(path: string): Promise<Json[]> {
    return listIn(await this.send('GET', path), `GET ${path}`);
  }

  async post(path: string, body: Json): Promise<Json> {
    return objectIn(await this.send('POST', path, { json: body }), `POST ${path}`);
  }

  async patch(path: string, body: Json): Promise<Json> {
    return objectIn(await this.send('PATCH', path, { json: body }), `PATCH ${path}`);
  }

  /** For routes that take their JSON as the field `data` of a form. */
  async change(path: string, data: Json): Promise<Json> {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="data"\r\n\r\n`;
    const form = Buffer.from(`${head}${JSON.stringify(data)}\r\n--${BOUNDARY}--\r\n`, 'utf8');
    return objectIn(await this.send('PATCH', path, { form }), `PATCH ${path}`);
  }

  async upload(path: string, file: { readonly name: string; readonly content: string }): Promise<Json> {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\nContent-Type: text/csv\r\n\r\n`;
    const body = Buffer.from(`${head}${file.content}\r\n--${BOUNDARY}--\r\n`, 'utf8');
    return objectIn(await this.send('POST', path, { form: body }), `POST ${path}`);
  }

  /** All pages of a list, one after the other. */
  async everyPage(path: string): Promise<Json[]> {
    const items: Json[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.get(
        `${path}${path.includes('?') ? '&' : '?'}page=${String(page)}&page_limit=100`,
      );
      items.push(...listOf(answer, 'data'));
      if (page >= Number(objectOf(answer, 'pagination')['pages'] ?? 0)) return items;
    }
  }

  private async send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    content: { readonly json?: Json; readonly form?: Buffer } = {},
  ): Promise<HttpAnswer> {
    const authorization = `Bearer ${await this.signedIn()}`;
    const url = `${this.baseUrl}${path}`;
    if (content.form !== undefined) {
      const headers = { authorization, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
      return await this.http.send({ method, url, headers, body: content.form });
    }
    if (content.json === undefined) return await this.http.send({ method, url, headers: { authorization } });
    const headers = { authorization, 'content-type': 'application/json' };
    return await this.http.send({ method, url, headers, body: JSON.stringify(content.json) });
  }

  private async signedIn(): Promise<string> {
    if (this.token !== undefined && performance.now() - this.token.since < TOKEN_USED_FOR_MS) {
      return this.token.text;
    }
    const since = performance.now();
    const answer = await this.http.send({
      method: 'POST',
      url: `${this.baseUrl}/login`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(this.credentials),
    });
    this.token = { text: textOf(objectIn(answer, 'sign in'), 'token'), since };
    return this.token.text;
  }
}
