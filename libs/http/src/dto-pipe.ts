import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { validateSync, type ValidationError } from 'class-validator';

import { HttpProblem } from './http-problem.errors';

export interface DtoPipeOptions {
  /** The `error` text of a refusal; the default text of 400 when it is left out. */
  readonly error?: string;
}

type DtoClass<Dto extends object> = new () => Dto;

/**
 * Reads a JSON body as a DTO. Unknown fields are dropped. `extras` holds the first message of each bad field; only
 * when it is empty is the DTO what its type says.
 */
export function readDto<Dto extends object>(
  dtoClass: DtoClass<Dto>,
  value: unknown,
): { readonly dto: Dto; readonly extras: Readonly<Record<string, string>> } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const dto = new dtoClass();
  // Nothing in a body may choose a class for itself: class-validator asks `constructor` for the rules.
  const fields = Object.entries(isObject ? value : {}).filter(([name]) => !(name in Object.prototype));
  Object.assign(dto, Object.fromEntries(fields));
  const mistakes = validateSync(dto, { whitelist: true, forbidUnknownValues: false });
  return { dto, extras: Object.fromEntries(mistakes.flatMap((mistake) => extrasOf(mistake, ''))) };
}

/** Reads a JSON body as the DTO that the parameter names, or answers 400 with `extras`. */
export class DtoPipe implements PipeTransform {
  constructor(private readonly options: DtoPipeOptions = {}) {}

  transform(value: unknown, { metatype }: ArgumentMetadata): unknown {
    const { error } = this.options;
    if (metatype === undefined) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new HttpProblem(400, error === undefined ? {} : { error });
    }
    const { dto, extras } = readDto<object>(metatype, value);
    if (Object.keys(extras).length === 0) return dto;
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
