import { setTimeout as pause } from 'node:timers/promises';

/** What must be asked of somebody else before each scrape. */
export interface Question {
  readonly ask: () => Promise<void>;
  readonly forget: () => void;
}

const underWay = new WeakMap<Question, Promise<void>>();

/** Asks, at most once at a time, and goes on after `limitMs` whatever became of it. Never throws. */
export async function askInTime(question: Question, limitMs: number): Promise<void> {
  const answer = underWay.get(question) ?? begin(question);
  const limit = new AbortController();
  const late = pause(limitMs, false, { signal: limit.signal, ref: false }).catch(() => false);
  const isAnswered = await Promise.race([answer.then(isTrue, isFalse), late]);
  limit.abort();
  if (!isAnswered) question.forget();
}

function begin(question: Question): Promise<void> {
  const answer = Promise.resolve()
    .then(question.ask)
    .finally(() => underWay.delete(question));
  underWay.set(question, answer);
  return answer;
}

const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
