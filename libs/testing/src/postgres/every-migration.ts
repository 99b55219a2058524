import fs from 'node:fs';
import path from 'node:path';

import type { Migration } from '@libs/persistence';

const LIBRARIES = path.join(__dirname, '..', '..', '..');

/** The migrations of all libraries, as `*.migration.ts` files export them in lists, in the order of their names. */
export function everyMigration(): readonly Migration[] {
  const found = migrationFiles(LIBRARIES).flatMap((file) => {
    const exported: Record<string, unknown> = jest.requireActual(file);
    return Object.values(exported).filter(isMigrationList).flat();
  });
  return [...new Set(found)].sort((one, other) => timestampOf(one) - timestampOf(other));
}

function migrationFiles(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const isMigration = entry.isFile() && /\.migration\.ts$/.test(entry.name);
    return isMigration ? [path.join(entry.parentPath, entry.name)] : [];
  });
}

function isMigrationList(value: unknown): value is readonly Migration[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'function');
}

const timestampOf = (migration: Migration): number => Number(/\d{13}$/.exec(migration.name)?.[0] ?? 0);
