import { APP_ROLES, type AppName, type Database } from '@libs/persistence';
import { Client } from 'pg';
import { z } from 'zod';

import type { TestDatabase } from './test-database';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Index Name'?: string | undefined;
  readonly Operation?: string | undefined;
  readonly 'Parent Relationship'?: string | undefined;
  readonly 'Actual Rows'?: number | undefined;
  readonly 'Actual Loops'?: number | undefined;
  readonly 'Rows Removed by Filter'?: number | undefined;
  readonly 'Rows Removed by Index Recheck'?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  Operation: z.string().optional(),
  'Parent Relationship': z.string().optional(),
  'Actual Rows': z.number().optional(),
  'Actual Loops': z.number().optional(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
const explained = z.object({
  'Query Text': z.string(),
  'Query Parameters': z.string().optional(),
  Plan: planNode,
});

/** What one run of one statement did. */
export interface SeenPlan {
  readonly statement: string;
  /** Rows of tables that were looked at, those too that a filter threw away. */
  readonly visited: number;
  /** Rows that were returned or written, or that the statement names one by one. */
  readonly used: number;
  /** The tables that were read from end to end. */
  readonly wholeTables: readonly string[];
}

const VISITED_PER_USED = 50;
/** What a statement may look at to find that there is nothing to do. */
const FOR_NOTHING = 50;

/** Those that looked at more than fifty rows for each that they used, in words; `forNothing`: what any may look at. */
export function dearStatements(seen: readonly SeenPlan[], forNothing = FOR_NOTHING): string[] {
  const dear = seen
    .filter(({ visited, used }) => visited > Math.max(forNothing, VISITED_PER_USED * used))
    .map(({ statement, visited, used }) => `${String(visited)} for ${String(used)}: ${statement}`);
  return [...new Set(dear)];
}

/** Those that read one of the tables from end to end, in words. */
export function readersOfWhole(tables: readonly string[], seen: readonly SeenPlan[]): string[] {
  const readers = seen.flatMap(({ statement, wholeTables }) =>
    wholeTables.filter((table) => tables.includes(table)).map((table) => `${table}: ${statement}`),
  );
  return [...new Set(readers)];
}

/**
 * Has PostgreSQL tell the plan of each statement that the app's own connections run from now on, with the rows that it really went
 * over: as the app's role, under its policies, with the planner's default settings. Call it before the app connects.
 */
export async function tellPlans(database: TestDatabase, app: AppName): Promise<void> {
  const client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    const settings = {
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_analyze': 'on',
      'auto_explain.log_timing': 'off',
      'auto_explain.log_format': 'json',
      'auto_explain.log_level': 'notice',
      'auto_explain.log_parameter_max_length': '-1',
    };
    for (const [name, value] of Object.entries(settings)) {
      await client.query(
        `ALTER ROLE ${APP_ROLES[app]} IN DATABASE ${database.name} SET ${name} = '${value}'`,
      );
    }
  } finally {
    await client.end();
  }
}

/** Collects what `tellPlans` makes the connections of this pool tell. */
export function seePlans(database: Database): SeenPlan[] {
  const seen: SeenPlan[] = [];
  database.pool.on('connect', (client) => {
    client.on('notice', ({ message }) => {
      const begin = message?.indexOf('{') ?? -1;
      if (message?.includes('plan:') !== true || begin < 0) return;
      const told = explained.parse(JSON.parse(message.slice(begin)));
      const { 'Query Text': statement, Plan: plan } = told;
      const nodes = nodesOf(plan);
      seen.push({
        statement: statement.replace(/\s+/g, ' ').trim(),
        visited: sum(nodes.map(visitedOf)),
        used: Math.max(rowsOf(plan), sum(nodes.map(writtenOf)), namedIn(told['Query Parameters'] ?? '')),
        wholeTables: nodes
          .filter((node) => node['Node Type'] === 'Seq Scan')
          .flatMap((node) => node['Relation Name'] ?? []),
      });
    });
  });
  return seen;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const rowsOf = (node: PlanNode): number => (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 0);

/** The length of the longest list among the parameters. */
const namedIn = (parameters: string): number =>
  Math.max(0, ...[...parameters.matchAll(/'\{([^}]*)\}'/g)].map(([, list = '']) => list.split(',').length));

/** The index scan below a bitmap reads the same rows once more, so only what fetches from the table counts. */
function visitedOf(node: PlanNode): number {
  if (node['Relation Name'] === undefined || node['Node Type'] === 'ModifyTable') return 0;
  const loops = node['Actual Loops'] ?? 0;
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return rowsOf(node) + removed * loops;
}

/** What a ModifyTable writes is what its child gives it; what stands before that are plans of values and of other parts. */
const writtenOf = (node: PlanNode): number =>
  node['Node Type'] === 'ModifyTable'
    ? sum((node.Plans ?? []).filter((child) => child['Parent Relationship'] === 'Outer').map(rowsOf))
    : 0;
