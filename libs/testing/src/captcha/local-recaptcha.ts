import http from 'node:http';

/** Tokens that the local service knows; every other one is a robot's. */
export const HUMAN_TOKEN = 'a person solved this';
/** Of a person that version 3 gives this score: `scored 0.4`. */
export const tokenWithScore = (score: number): string => `scored ${String(score)}`;

/** What the service does instead of answering as it should. */
export type LocalRecaptchaFault = 'none' | 'silent' | 'error' | 'html' | 'endless' | 'wrong_secret';

/** A `siteverify` for one machine: the real adapter talks to it in tests, over HTTP. */
export class LocalRecaptcha {
  fault: LocalRecaptchaFault = 'none';
  /** What was asked, the oldest first. */
  readonly asked: { readonly token: string; readonly address: string }[] = [];

  private constructor(private readonly server: http.Server) {}

  static readonly secret = 'secret of the local captcha';

  static async start(): Promise<LocalRecaptcha> {
    const server = http.createServer();
    const local = new LocalRecaptcha(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        local.answer(new URLSearchParams(Buffer.concat(chunks).toString()), response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return local;
  }

  get url(): string {
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `http://127.0.0.1:${String(port)}/siteverify`;
  }

  /** For the environment of an app that asks for the captcha. */
  settings(
    type: 'GOOGLE_RECAPTCHA_V2' | 'GOOGLE_RECAPTCHA_V3' = 'GOOGLE_RECAPTCHA_V2',
  ): Record<string, string> {
    return {
      CAPTCHA_TYPE: type,
      RECAPTCHA_SITE_KEY: 'site key of the local captcha',
      RECAPTCHA_SITE_SECRET_KEY: LocalRecaptcha.secret,
      RECAPTCHA_VERIFY_URL: this.url,
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(form: URLSearchParams, response: http.ServerResponse): void {
    const token = form.get('response') ?? '';
    this.asked.push({ token, address: form.get('remoteip') ?? '' });
    switch (this.fault) {
      case 'silent':
        response.destroy();
        return;
      case 'error':
        response.writeHead(503).end('try later');
        return;
      case 'html':
        response.end('<!doctype html><title>Sign in to the Wi-Fi</title>');
        return;
      case 'endless':
        response.end(`{"success": true, "more": "${'x'.repeat(100_000)}"}`);
        return;
      case 'none':
      case 'wrong_secret':
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(this.judged(form.get('secret') ?? '', token)));
    }
  }

  private judged(secret: string, token: string): object {
    if (secret !== LocalRecaptcha.secret || this.fault === 'wrong_secret') {
      return { success: false, 'error-codes': ['invalid-input-secret'] };
    }
    const [, score] = /^scored ([0-9.]+)$/.exec(token) ?? [];
    if (score !== undefined) return { success: true, score: Number(score), action: 'submit' };
    if (token === HUMAN_TOKEN) return { success: true, hostname: 'staff.test' };
    return { success: false, 'error-codes': ['invalid-input-response'] };
  }
}
