import { err, ok, type Result } from '@libs/kernel';
import type { UnitOfWork } from '@libs/persistence';

import {
  closeDeadLetter,
  type DeadLetter,
  type DeadLetterStatus,
  findDeadLetter,
  listDeadLetters,
} from './dead-letter.repository';
import { insertRecords } from './outbox';

export type DeadLetterProblem = 'not found' | 'already closed';

const LIST_MAX = 1_000;

/** What a person does with events that could not be handled. The same on both transports. */
export class DeadLetters {
  constructor(private readonly unit: UnitOfWork) {}

  /** The newest first, at most 1,000. */
  async list(
    filter: { status?: DeadLetterStatus; topic?: string; limit?: number } = {},
  ): Promise<DeadLetter[]> {
    const limit = Math.min(filter.limit ?? 100, LIST_MAX);
    return await this.unit.runSystem('dead letters: list', (tx) => listDeadLetters(tx, { ...filter, limit }));
  }

  async find(id: string): Promise<DeadLetter | null> {
    return await this.unit.runSystem('dead letters: show', (tx) => findDeadLetter(tx, id));
  }

  /**
   * Sends the event again, byte for byte, to the topic that it came from. Consumers that have handled it already
   * know its id and pass it by; the one that gave up handles it as if for the first time.
   */
  async replay(id: string, actor: string): Promise<Result<DeadLetter, DeadLetterProblem>> {
    return await this.unit.runSystem('dead letters: replay', async (tx) => {
      const letter = await findDeadLetter(tx, id);
      if (letter === null) return err('not found');
      if (!(await closeDeadLetter(tx, id, { status: 'REPLAYED', actor }))) return err('already closed');
      await insertRecords(tx, [letter]);
      return ok(letter);
    });
  }

  /** Keeps the letter for the record and never sends it again. */
  async discard(id: string, actor: string): Promise<Result<DeadLetter, DeadLetterProblem>> {
    return await this.unit.runSystem('dead letters: discard', async (tx) => {
      const letter = await findDeadLetter(tx, id);
      if (letter === null) return err('not found');
      if (!(await closeDeadLetter(tx, id, { status: 'DISCARDED', actor }))) return err('already closed');
      return ok(letter);
    });
  }
}
