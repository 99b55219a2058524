export interface LineMistake {
  readonly line: number;
  readonly field: string;
  readonly text: string;
}

/** Somebody whom the file pays on an earlier line already. */
export const duplicateOf = (line: number, first: number): LineMistake => ({
  line,
  field: 'contact info',
  text: `duplicate contact information. Also found on line ${String(first)}`,
});

/** What a reader of lines tells of what is wrong in them. */
export interface Mistakes {
  /** How many were told. */
  readonly count: number;
  add(line: number, field: string, text: string): void;
  /** Of those told and kept, as the answer to an upload names them. */
  toExtras(): Readonly<Record<string, string>>;
}

/** More would help nobody, and an answer must fit into memory. */
const SHOWN_MAX = 1_000;

const PREFIX = 'line ';

/** Whether a refusal names lines, so that there is more to tell of its file than the refusal says. */
export const namesLines = (extras: Readonly<Record<string, string>> | undefined): boolean =>
  Object.keys(extras ?? {}).some((name) => name.startsWith(PREFIX));

/** What is wrong in the lines of a file: the first thousand mistakes, and how many there are. */
export class LineMistakes implements Mistakes {
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
      sorted.map(({ line, field, text }) => [`${PREFIX}${String(line)} - ${field}`, text]),
    );
    const rest = this.found - Object.keys(extras).length;
    return rest > 0 ? { ...extras, 'more errors': `${String(rest)} more errors are not shown` } : extras;
  }
}

/** What is wrong in one line after the other: nothing is kept of those before. */
export class MistakesOfLine implements Mistakes {
  private told: LineMistake[] = [];

  add(line: number, field: string, text: string): void {
    this.told.push({ line, field, text });
  }

  get count(): number {
    return this.told.length;
  }

  /** Those since it was asked last. */
  take(): readonly LineMistake[] {
    const { told } = this;
    this.told = [];
    return told;
  }

  toExtras(): Readonly<Record<string, string>> {
    return {};
  }
}
