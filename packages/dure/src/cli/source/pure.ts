import { join } from 'node:path'
import { pureOf } from '../project/project-config.ts'
import { manifestOf } from './resolve-import.ts'

/** Packages that the domain may use: they compute, and reach for nothing. `"dure": { "pure": […] }` adds more. */
const purePackages: readonly string[] = [
  '@js-temporal/polyfill',
  '@standard-schema/spec',
  'arktype',
  'big.js',
  'bignumber.js',
  'decimal.js',
  'decimal.js-light',
  'dinero.js',
  'effect',
  'fraction.js',
  'temporal-polyfill',
  'ts-pattern',
  'valibot',
  'zod',
]

/** The pure packages for a file: known ones, and those that its package and the program name. */
export function pureFor(file: string, root: string): ReadonlySet<string> {
  const manifests = [manifestOf(file), manifestOf(join(root, 'package.json'))]
  return new Set([...purePackages, ...manifests.flatMap(pureOf)])
}
