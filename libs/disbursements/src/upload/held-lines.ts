import { isTelephone, type PublishWay } from '@libs/receivers';

import type { NumberedLine } from './instruction-lines';
import { PHONE_MISTAKE, type ReadLine } from './instruction.policy';
import { duplicateOf, type Mistakes } from './line-mistakes';

interface HeldLine extends ReadLine {
  readonly line: number;
}

/** The lines of a file that is small enough to be in memory, and what only all of them together show. */
export class HeldLines {
  readonly lines: HeldLine[] = [];
  private readonly firsts = new Map<string, number>();
  private readonly notTelephones = new Set<string>();

  constructor(private readonly contacts: PublishWay['contact']) {}

  /** Only what is read of the line is held. */
  add({ line, contact, instruction }: NumberedLine): void {
    this.lines.push({ line, contact, instruction });
    if (contact === null || this.firsts.has(contact)) return;
    this.firsts.set(contact, line);
    if (this.contacts === 'phone_number' && !isTelephone(contact)) this.notTelephones.add(contact);
  }

  /** Numbers that no telephone has: wrong where nobody is known by them. */
  get strangeNumbers(): ReadonlySet<string> {
    return this.notTelephones;
  }

  /** People who are there twice, then strange numbers of whom `known` has none; each in the order of their lines. */
  tell(mistakes: Mistakes, known: ReadonlySet<string>): void {
    for (const { line, contact } of this.lines) {
      const first = contact === null ? line : (this.firsts.get(contact) ?? line);
      if (first === line) continue;
      const { field, text } = duplicateOf(line, first);
      mistakes.add(line, field, text);
    }
    if (this.notTelephones.size === 0) return;
    for (const { line, contact } of this.lines) {
      if (contact === null || !this.notTelephones.has(contact) || known.has(contact)) continue;
      mistakes.add(line, 'phone', PHONE_MISTAKE);
    }
  }
}
