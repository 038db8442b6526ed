import { cyclesOf } from './cycles.ts'
import type { Module } from './read-modules.ts'

interface Rule {
  /** Rooms whose values may be imported. */
  readonly values: readonly string[]
  /** Rooms of which only types may be imported. */
  readonly types?: readonly string[]
  /** Whether it may import Node and packages. */
  readonly outside: boolean
}

const inner = ['kernel', 'domain', 'model']

/** Who may import whom, in the order of the rooms. Change it with an ADR, never around it. */
export const rooms: Readonly<Record<string, Rule>> = {
  kernel: { values: [], outside: false },
  domain: { values: ['kernel'], outside: false },
  model: { values: ['kernel', 'domain'], outside: false },
  ports: { values: ['kernel'], types: ['domain'], outside: true },
  // How aggregates stand in tables, without any table: pure.
  persistence: { values: [...inner, 'ports'], outside: true },
  app: { values: [...inner, 'ports', 'persistence'], outside: true },
  engine: { values: [...inner, 'ports', 'persistence', 'app'], outside: true },
  // Tables and data brought to what the model asks, while older releases run.
  migration: { values: [...inner, 'ports', 'persistence', 'app'], outside: true },
  // Who a request is from: by tokens and certificates, whatever they were asked for.
  identity: { values: ['kernel'], outside: true },
  http: { values: [...inner, 'identity', 'app'], outside: true },
  // Runs in browsers: nothing of Node, and nothing that a bundle would not want.
  client: { values: ['kernel', 'model'], types: ['app'], outside: false },
  remote: { values: [...inner, 'client'], types: ['app'], outside: true },
  host: { values: [...inner, 'ports', 'persistence', 'app', 'engine', 'http', 'migration'], outside: true },
  'adapters/memory': { values: ['kernel', 'ports'], types: ['domain'], outside: true },
  'adapters/postgres': { values: ['kernel', 'ports'], types: ['domain'], outside: true },
  // Embedded is the PostgreSQL adapter with a server of its own: the same SQL, or development would not be production.
  'adapters/embedded': { values: ['kernel', 'ports', 'adapters/postgres'], types: ['domain'], outside: true },
  'adapters/nats': { values: ['kernel', 'ports'], outside: true },
  'adapters/kafka': { values: ['kernel', 'ports'], outside: true },
  // Backing services: clients of what is not Dure's own.
  resources: { values: [...inner, 'ports'], outside: true },
  testing: {
    values: [...inner, 'ports', 'persistence', 'app', 'engine', 'adapters/memory', 'host', 'resources'],
    outside: true,
  },
  // One process from its environment: picks the store, so it sees every adapter.
  run: {
    values: [
      ...inner,
      'ports',
      'persistence',
      'app',
      'engine',
      'identity',
      'http',
      'remote',
      'host',
      'resources',
      'adapters/memory',
      'adapters/postgres',
      'adapters/embedded',
      'adapters/nats',
      'adapters/kafka',
    ],
    outside: true,
  },
  cli: { values: ['*'], outside: true },
  // The front door: what a model is written with.
  index: { values: inner, outside: false },
}

/** Where the world may be touched: composition roots as rooms, everything else file by file. */
const worldly: readonly string[] = [
  'cli/',
  'run/',
  'host/system-world.ts',
  'adapters/memory/memory-storage.ts',
  'adapters/postgres/wake/wake-line.ts',
  'adapters/embedded/data-directory.ts',
  'adapters/embedded/embedded-storage.ts',
  'adapters/embedded/keeper.ts',
  'adapters/embedded/server.ts',
  'adapters/nats/timers.ts',
  'client/browser-world.ts',
  'adapters/kafka/timers.ts',
  // Only a limit to waiting, in a store that no simulation runs on.
  'adapters/postgres/grouping/beat.ts',
  // Only chooses how many go together.
  'adapters/postgres/grouping/pace.ts',
]

/** Everything that breaks a rule, one sentence each. */
export function violations(modules: readonly Module[]): readonly string[] {
  return [
    ...modules.flatMap(importProblems),
    ...modules.flatMap(worldProblems),
    ...modules
      .filter((it) => it.bareThrows > 0)
      .map((it) => `${it.path} throws a bare Error; use fault(CODE, details)`),
    ...cycleProblems(modules),
  ]
}

/** The room of a path below src. */
function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  if (first === 'adapters') return `adapters/${second}`
  return path === 'index.ts' ? 'index' : first
}

const isOurs = (to: string): boolean => to.endsWith('.ts')
// Types of the one specification that fields are written against.
const anywhere = new Set(['@standard-schema/spec'])

function importProblems({ path, imports }: Module): readonly string[] {
  const room = roomOf(path)
  const rule = rooms[room]
  if (rule === undefined) return [`${path} is in the room ${room}, which the table of rooms does not know`]
  return imports.flatMap(({ to, typeOnly }) => {
    if (!isOurs(to)) {
      return rule.outside || anywhere.has(to)
        ? []
        : [`${path} imports ${to}; ${room} imports nothing from outside`]
    }
    const target = roomOf(to)
    if (target === room || rule.values.includes(target) || rule.values.includes('*')) return []
    if (typeOnly && rule.types?.includes(target)) return []
    const only = rule.types?.includes(target) ? ' by value, where only types may come from' : ';'
    return [`${path} imports ${to}${only} ${room} may not import ${target}`]
  })
}

function worldProblems({ path, world }: Module): readonly string[] {
  const allowed = worldly.some((it) => (it.endsWith('/') ? path.startsWith(it) : path === it))
  if (allowed || path.startsWith('testing/conformance/')) return []
  return world.map((it) => `${path} uses ${it}; take it from World`)
}

function cycleProblems(modules: readonly Module[]): readonly string[] {
  const edges = (typesToo: boolean) =>
    new Map(
      modules.map((it) => [
        it.path,
        it.imports.filter((to) => isOurs(to.to) && (typesToo || !to.typeOnly)).map((to) => to.to),
      ]),
    )
  const byValue = cyclesOf(edges(false)).map((cycle) => `${cycle.join(' → ')} import each other by value`)
  const byType = cyclesOf(edges(true))
    .filter((cycle) => new Set(cycle.map(roomOf)).size > 1)
    .map((cycle) => `${cycle.join(' → ')} is a cycle between rooms`)
  return [...byValue, ...byType]
}
