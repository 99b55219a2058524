/** Something kept on disk is not what this program writes. */
export class DamagedRecord extends Error {
  override readonly name = 'DamagedRecord';
}

/** Takes the fields of a stored record one after the other and checks what each of them is. */
export class FieldReader {
  private next = 0;
  private readonly fields: readonly unknown[];

  constructor(value: unknown) {
    if (!Array.isArray(value)) throw new DamagedRecord('a record is not a list');
    this.fields = value;
  }

  text(): string {
    const field = this.take();
    if (typeof field !== 'string') throw new DamagedRecord(`field ${String(this.next)} is not text`);
    return field;
  }

  optionalText(): string | null {
    const field = this.take();
    if (field !== null && typeof field !== 'string') {
      throw new DamagedRecord(`field ${String(this.next)} is neither text nor nothing`);
    }
    return field;
  }

  whole(): number {
    const field = this.take();
    if (typeof field !== 'number' || !Number.isInteger(field)) {
      throw new DamagedRecord(`field ${String(this.next)} is not a whole number`);
    }
    return field;
  }

  big(): bigint {
    return BigInt(this.text());
  }

  list<Item>(read: (item: FieldReader) => Item): Item[] {
    const field = this.take();
    if (!Array.isArray(field)) throw new DamagedRecord(`field ${String(this.next)} is not a list`);
    return field.map((item: unknown) => read(new FieldReader(item)));
  }

  /** A record inside this one, or nothing. */
  optional<Item>(read: (item: FieldReader) => Item): Item | null {
    const field = this.take();
    return field === null ? null : read(new FieldReader(field));
  }

  private take(): unknown {
    const field = this.fields[this.next];
    this.next += 1;
    return field;
  }
}
