import { isTelephone } from '@libs/receivers';

import { contactColumnOf, type FileKind } from './instruction-columns.policy';
import type { NumberedLine } from './instruction-lines';
import { PHONE_MISTAKE, type ReadLine } from './instruction.policy';
import { duplicateOf, type LineMistake, type LineMistakes } from './line-mistakes';
import type { UploadProgress } from './upload-progress';

interface HeldLine extends ReadLine {
  readonly line: number;
}

/** A file that is small enough to be in memory, as it was read, and what only all of its lines together show. */
export class HeldFile {
  readonly lines: HeldLine[] = [];
  private readonly firsts = new Map<string, number>();
  private readonly duplicates: LineMistake[] = [];
  private readonly notTelephones = new Set<string>();
  private readonly hasNumbers: boolean;
  private isJudged = false;

  constructor(
    readonly kind: FileKind,
    private readonly found: { readonly mistakes: LineMistakes; readonly progress: UploadProgress },
  ) {
    this.hasNumbers = contactColumnOf(kind) === 'phone';
  }

  get progress(): UploadProgress {
    return this.found.progress;
  }

  /** Only what is read of the line is held. */
  add({ line, contact, instruction }: NumberedLine): void {
    this.lines.push({ line, contact, instruction });
    if (contact === null) return;
    const first = this.firsts.get(contact);
    if (first !== undefined) {
      this.duplicates.push(duplicateOf(line, first));
      return;
    }
    this.firsts.set(contact, line);
    if (this.hasNumbers && !isTelephone(contact)) this.notTelephones.add(contact);
  }

  /** Numbers that no telephone has: wrong where nobody is known by them. */
  get strangeNumbers(): ReadonlySet<string> {
    return this.notTelephones;
  }

  /**
   * Everything that is wrong in its lines: by themselves, then people who are there twice, then strange numbers of whom `known` has
   * none; each in the order of their lines.
   */
  judge(known: ReadonlySet<string>): LineMistakes {
    const { mistakes } = this.found;
    // Also in a database transaction that has to run again.
    if (this.isJudged) return mistakes;
    this.isJudged = true;
    for (const { line, field, text } of this.duplicates) mistakes.add(line, field, text);
    if (this.notTelephones.size === 0) return mistakes;
    for (const { line, contact } of this.lines) {
      if (contact === null || !this.notTelephones.has(contact) || known.has(contact)) continue;
      mistakes.add(line, 'phone', PHONE_MISTAKE);
    }
    return mistakes;
  }
}
