import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

import { HttpProblem } from './http-problem.errors';

export interface DtoPipeOptions {
  /** The `error` text of a refusal; the default text of 400 when it is left out. */
  readonly error?: string;
}

/**
 * Reads a JSON body as the DTO that the parameter names. Unknown fields are dropped; the first message of each bad
 * field goes into `extras`.
 */
export class DtoPipe implements PipeTransform {
  constructor(private readonly options: DtoPipeOptions = {}) {}

  transform(value: unknown, { metatype }: ArgumentMetadata): unknown {
    const { error } = this.options;
    if (metatype === undefined) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new HttpProblem(400, error === undefined ? {} : { error });
    }
    const dto: unknown = plainToInstance(metatype, value);
    if (typeof dto !== 'object' || dto === null) throw new HttpProblem(400);
    const mistakes = validateSync(dto, { whitelist: true, forbidUnknownValues: false });
    if (mistakes.length === 0) return dto;
    const extras = Object.fromEntries(mistakes.flatMap((mistake) => extrasOf(mistake, '')));
    throw new HttpProblem(400, { ...(error === undefined ? {} : { error }), extras });
  }
}

/** `wallets[0].address` for a field inside a list. */
function extrasOf(mistake: ValidationError, path: string): [string, string][] {
  const here = /^[0-9]+$/.test(mistake.property)
    ? `${path}[${mistake.property}]`
    : `${path === '' ? '' : `${path}.`}${mistake.property}`;
  // class-validator lists a property's decorators from the last to the first; people read the first one first.
  const [text] = Object.values(mistake.constraints ?? {}).reverse();
  const own: [string, string][] = text === undefined ? [] : [[here, text]];
  return [...own, ...(mistake.children ?? []).flatMap((child) => extrasOf(child, here))];
}
