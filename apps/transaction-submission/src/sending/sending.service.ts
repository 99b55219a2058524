import type { LedgerSubmitter, SubmitAnswer } from '@libs/ledger';
import type { RecordedAnswer } from '@libs/submissions';

import { PostingSpeed } from './posting-speed';

/** An envelope that is stored and whose attempt is committed as SENT. */
export interface ToSend {
  readonly tenantId: string;
  readonly attemptId: string;
  readonly payload: string;
  readonly payments: number;
}

export interface SentAnswer extends RecordedAnswer {
  readonly tenantId: string;
}

const IN_FLIGHT_MAX = 64;
const DRAIN_MAX_MS = 8_000;

/** Posts envelopes, a bounded number at once, and keeps the answers until the engine records them. */
export class SendingService {
  private readonly waiting: ToSend[] = [];
  private readonly under = new Set<string>();
  private answers: SentAnswer[] = [];
  private active = 0;
  private idle: (() => void)[] = [];
  private readonly speed = new PostingSpeed();

  constructor(
    private readonly submitter: Pick<LedgerSubmitter, 'submit'>,
    private readonly onAnswer: () => void,
  ) {}

  /** How many envelopes are in each stage of being sent. */
  get load(): { readonly waiting: number; readonly posting: number; readonly answered: number } {
    return { waiting: this.waiting.length, posting: this.active, answered: this.answers.length };
  }

  send(items: readonly ToSend[]): void {
    for (const item of items) {
      this.under.add(item.attemptId);
      this.waiting.push(item);
    }
    this.pump();
  }

  /** How many more envelopes can be posted soon. */
  get room(): number {
    return Math.max(0, this.speed.backlogMax - this.waiting.length - this.active);
  }

  /** Whether an envelope of this attempt waits to be posted, or its answer to be recorded. */
  isUnderWay(attemptId: string): boolean {
    return this.under.has(attemptId);
  }

  /** Takes the answers that came since the last call. `recorded` is to be called with them once they are committed. */
  takeAnswers(): readonly SentAnswer[] {
    const taken = this.answers;
    this.answers = [];
    return taken;
  }

  recorded(answers: readonly SentAnswer[]): void {
    for (const { attemptId } of answers) this.under.delete(attemptId);
  }

  /** Forgets what was not posted yet: it is SENT in the database and will be sent again. */
  clear(): void {
    for (const { attemptId } of this.waiting.splice(0)) this.under.delete(attemptId);
  }

  /** Ends when nothing is being posted any more, or after 8 s. */
  async drain(): Promise<void> {
    this.clear();
    await this.whenIdle(DRAIN_MAX_MS);
  }

  /** Ends when nothing is being posted any more, or after `patienceMs`. */
  async whenIdle(patienceMs: number): Promise<void> {
    if (this.active === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private pump(): void {
    while (this.active < IN_FLIGHT_MAX) {
      const item = this.waiting.shift();
      if (item === undefined) break;
      this.active += 1;
      void this.post(item);
    }
  }

  private async post(item: ToSend): Promise<void> {
    let answer: SubmitAnswer;
    try {
      answer = await this.submitter.submit(item.payload);
    } catch (cause) {
      // The port never throws for the ledger; whatever this was, the envelope may have left.
      answer = { kind: 'silent', reason: cause instanceof Error ? cause.message : String(cause) };
    }
    this.answers.push(toRecorded(item, answer));
    this.speed.posted();
    this.active -= 1;
    this.pump();
    if (this.active === 0) for (const tell of this.idle.splice(0)) tell();
    this.onAnswer();
  }
}

const CODE_CHARACTERS_MAX = 64;

function toRecorded({ tenantId, attemptId }: ToSend, answer: SubmitAnswer): SentAnswer {
  const base = { tenantId, attemptId, refusalCode: null, refusalOperations: [], feeNeeded: null };
  switch (answer.kind) {
    case 'accepted':
      return { ...base, answer: 'accepted' };
    case 'silent':
      return { ...base, answer: 'silent' };
    case 'refused':
      return {
        ...base,
        answer: answer.advice,
        refusalCode: answer.code.slice(0, CODE_CHARACTERS_MAX),
        refusalOperations: answer.operationCodes,
        feeNeeded: answer.feeNeeded,
      };
  }
}
