import { z } from 'zod';

/** The kinds of value that variables hold. Each says in its message what it wants to see. */
export const text = z.string({ error: 'is required' }).trim().min(1, 'must not be empty');

export const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((value) => (value === '' ? undefined : value));

export const flag = (fallback: boolean): z.ZodType<boolean> =>
  z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .optional()
    .transform((value) => (value === undefined ? fallback : value === 'true'));

export const whole = (bounds: {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}): z.ZodType<number> =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be a whole number')
    .optional()
    .transform((value) => (value === undefined ? bounds.fallback : Number(value)))
    .refine((value) => value >= bounds.min && value <= bounds.max, {
      error: `must be from ${String(bounds.min)} to ${String(bounds.max)}`,
    });

/** From 0 to 1. */
export const fraction = (fallback: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^(?:0(?:\.[0-9]{1,6})?|1(?:\.0{1,6})?)$/, 'must be a number from 0 to 1, such as 0.5')
    .optional()
    .transform((value) => (value === undefined ? fallback : Number(value)));

export const port = (fallback: number): z.ZodType<number> => whole({ min: 0, max: 65_535, fallback });

export const choice = <const Values extends readonly [string, ...string[]]>(
  values: Values,
  fallback: Values[number],
): z.ZodType<Values[number]> =>
  z
    .enum(values, { error: `must be one of ${values.join(', ')}` })
    .optional()
    .transform((value) => value ?? fallback);

const isUrl = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

export const httpUrl = text
  .refine(isUrl, { error: 'must be an http or https URL' })
  .transform((value) => value.replace(/\/+$/, ''));

export const httpUrls = text
  .transform((value) => value.split(',').map((url) => url.trim().replace(/\/+$/, '')))
  .refine((urls) => urls.every(isUrl), { error: 'must be http or https URLs, separated by commas' });

export const postgresUrl = text.refine((value) => /^postgres(ql)?:\/\//.test(value), {
  error: 'must be an address such as postgres://user:password@host:5432/name',
});

/** 32 bytes as 64 hexadecimal digits: a symmetric key. */
export const key32 = text
  .regex(
    /^[0-9a-fA-F]{64}$/,
    'must be 64 hexadecimal digits (32 bytes), for example from: openssl rand -hex 32',
  )
  .transform((value) => new Uint8Array(Buffer.from(value, 'hex')));

/** At most four of them, separated by commas; none when it is not set. */
export const keys32 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}(,[0-9a-fA-F]{64}){0,3}$/, 'must be one to four keys of 64 hexadecimal digits')
  .optional()
  .transform((value) =>
    value === undefined ? [] : value.split(',').map((one) => new Uint8Array(Buffer.from(one, 'hex'))),
  );

export const stellarSeed = text.regex(/^S[A-Z2-7]{55}$/, 'must be a Stellar secret seed (S…)');

export const optionalStellarSeed = stellarSeed.optional();

export const stellarAccount = text.regex(/^G[A-Z2-7]{55}$/, 'must be a Stellar account (G…)');
