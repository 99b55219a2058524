import { fieldOf } from '@libs/kernel';

import type { CaptchaProvider, CaptchaVerdict } from './captcha.port';

export interface RecaptchaOptions {
  readonly secret: string;
  readonly verifyUrl: string;
  /** For version 3, which answers how likely somebody is human; null for version 2, which says yes or no. */
  readonly scoreMin: number | null;
}

const PATIENCE_MS = 5_000;
const TOKEN_LENGTH_MAX = 10_000;
const ANSWER_CHARACTERS_MAX = 10_000;
/** Mistakes of ours: nobody could be let in with them, and a person who tries is no robot for it. */
const OUR_MISTAKES: readonly unknown[] = ['missing-input-secret', 'invalid-input-secret', 'bad-request'];

/** Google's reCAPTCHA, versions 2 and 3, or another service that answers like its `siteverify`. */
export class Recaptcha implements CaptchaProvider {
  constructor(private readonly options: RecaptchaOptions) {}

  async verify(token: string, address: string): Promise<CaptchaVerdict> {
    if (token.length > TOKEN_LENGTH_MAX) return 'robot';
    try {
      const response = await fetch(this.options.verifyUrl, {
        method: 'POST',
        redirect: 'error',
        body: new URLSearchParams({ secret: this.options.secret, response: token, remoteip: address }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!response.ok) {
        await response.body?.cancel();
        return 'unreachable';
      }
      return this.verdictOf(await shortJson(response));
    } catch {
      // Not reached, cut off, too slow or no JSON: nobody said that this is a person.
      return 'unreachable';
    }
  }

  private verdictOf(answer: unknown): CaptchaVerdict {
    const codes = fieldOf(answer, 'error-codes');
    if (Array.isArray(codes) && codes.some((code) => OUR_MISTAKES.includes(code))) return 'unreachable';
    const isSolved = fieldOf(answer, 'success');
    if (typeof isSolved !== 'boolean') return 'unreachable';
    if (!isSolved) return 'robot';
    const { scoreMin } = this.options;
    if (scoreMin === null) return 'human';
    const score = fieldOf(answer, 'score');
    // The answer of another version than the one that is configured is no answer.
    if (typeof score !== 'number') return 'unreachable';
    return score >= scoreMin ? 'human' : 'robot';
  }
}

async function shortJson(response: Response): Promise<unknown> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    text += decoder.decode(part.value, { stream: true });
    if (text.length > ANSWER_CHARACTERS_MAX) {
      await reader?.cancel();
      throw new Error('the answer is too long');
    }
  }
  const answer: unknown = JSON.parse(text);
  return answer;
}
