import type { SettingName } from './settings';

type Environment = Readonly<Record<string, string | undefined>>;
export type SettingTexts = Readonly<Partial<Record<SettingName, string>>>;

/**
 * What each process of ours is started with, for glibc (mallopt(3)). What one thread allocates and another frees, as most bytes of a file
 * that comes, stays with glibc in places of its own for each thread: two of them, the bytes of a chunk given back to the machine at once,
 * and the top of the heap from 128 KiB on. Without, an upload keeps 40 MB more.
 */
export const GIVEN_TO_EACH_PROCESS = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
} as const;

/**
 * The environment of a process that another one of ours starts: what it inherits, over that what must be as given.
 *
 * `defaults` yield to what the user has set, so that `LOG_LEVEL=debug npm start` does what it says.
 */
export function childEnvironment(
  { fixed = {}, defaults = {} }: { readonly fixed?: SettingTexts; readonly defaults?: SettingTexts },
  environment: Environment = process.env,
): Record<string, string> {
  const inherited = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return { ...GIVEN_TO_EACH_PROCESS, ...defaults, ...Object.fromEntries(inherited), ...fixed };
}

/** Whether the user has set the variable at all; an empty one counts as absent. */
export function isSet(name: SettingName, environment: Environment = process.env): boolean {
  return environment[name] !== undefined && environment[name] !== '';
}
