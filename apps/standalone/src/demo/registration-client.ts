import type { HttpClient } from './http-client';
import { objectIn, textOf } from './json';

export interface RegistrationOptions {
  readonly http: HttpClient;
  /** From the answer to the SEP-24 deposit: the page, with a token for it. */
  readonly interactiveUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The registration page and its API. */
export class RegistrationClient {
  private readonly origin: string;
  private readonly token: string;

  constructor(private readonly options: RegistrationOptions) {
    const url = new URL(options.interactiveUrl);
    this.origin = url.origin;
    this.token = url.searchParams.get('token') ?? '';
  }

  async openPage(): Promise<void> {
    const { http, interactiveUrl, headers } = this.options;
    const answer = await http.send({ url: interactiveUrl, headers });
    if (answer.status !== 200) throw new Error(`the registration page: ${String(answer.status)}`);
  }

  /** Asks for a code by SMS; returns which fact about herself the person will be asked for. */
  async askForCode(phone: string): Promise<string> {
    const body = await this.post('otp', { phone_number: phone, recaptcha_token: '' });
    return textOf(body, 'verification_field');
  }

  async submit(proof: {
    readonly phone: string;
    readonly code: string;
    readonly verification: string;
    readonly field: string;
  }): Promise<void> {
    await this.post('verification', {
      phone_number: proof.phone,
      otp: proof.code,
      verification: proof.verification,
      verification_field: proof.field,
      recaptcha_token: '',
    });
  }

  private async post(
    path: string,
    body: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.options.http.send({
      method: 'POST',
      url: `${this.origin}/sep24-interactive-deposit/${path}`,
      headers: {
        ...this.options.headers,
        'content-type': 'application/json',
        authorization: `Bearer ${this.token}`,
      },
      body: JSON.stringify(body),
    });
    return objectIn(answer, path === 'otp' ? 'ask for a code' : 'submit the code');
  }
}
