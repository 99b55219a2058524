import { IsString } from 'class-validator';

import { readDto } from './dto-pipe';

class LetterDto {
  @IsString({ message: 'email is required' })
  readonly email!: string;
}

const bodyOf = (text: string): unknown => JSON.parse(text);

describe('a body that is read as a DTO', () => {
  it('keeps the fields that the DTO names', () => {
    const { dto, extras } = readDto(LetterDto, bodyOf('{"email":"a@b.test","more":1}'));
    expect(dto).toEqual({ email: 'a@b.test' });
    expect(extras).toEqual({});
  });

  it.each([
    ['{"email":{"constructor":{"prototype":{}}}}'],
    ['{"email":{"__proto__":{"polluted":true},"constructor":1}}'],
    ['{"__proto__":{"email":"a@b.test"}}'],
    ['{"constructor":{"prototype":{"email":"a@b.test"}}}'],
    ['[{"email":"a@b.test"}]'],
    ['null'],
  ])('chooses no class and no prototype: %s', (text) => {
    const { dto, extras } = readDto(LetterDto, bodyOf(text));
    expect(extras).toEqual({ email: 'email is required' });
    expect(Object.getPrototypeOf(dto)).toBe(LetterDto.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
