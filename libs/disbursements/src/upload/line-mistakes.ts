export interface LineMistake {
  readonly line: number;
  readonly field: string;
  readonly text: string;
}

/** More would help nobody, and an answer must fit into memory. */
const SHOWN_MAX = 1_000;

/** What is wrong in the lines of a file: the first thousand mistakes, and how many there are. */
export class LineMistakes {
  private readonly kept: LineMistake[] = [];
  private found = 0;

  add(line: number, field: string, text: string): void {
    this.found += 1;
    if (this.kept.length < SHOWN_MAX) this.kept.push({ line, field, text });
  }

  /** Mistakes that were counted elsewhere and are not shown. */
  addUnshown(count: number): void {
    this.found += count;
  }

  get count(): number {
    return this.found;
  }

  get room(): number {
    return SHOWN_MAX - this.kept.length;
  }

  /** `line 4 - amount`: what is wrong. */
  toExtras(): Readonly<Record<string, string>> {
    const sorted = [...this.kept].sort((one, other) => one.line - other.line);
    const extras = Object.fromEntries(
      sorted.map(({ line, field, text }) => [`line ${String(line)} - ${field}`, text]),
    );
    const rest = this.found - Object.keys(extras).length;
    return rest > 0 ? { ...extras, 'more errors': `${String(rest)} more errors are not shown` } : extras;
  }
}
