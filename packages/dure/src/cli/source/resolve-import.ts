import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { targetIn } from './exports-map.ts'

/** Where an import leads. */
export type Target =
  /** A file of the workspace; `package` when it was named by a package. */
  | { readonly kind: 'file'; readonly file: string; readonly package?: string }
  /** Somebody else's package. */
  | { readonly kind: 'package'; readonly name: string; readonly subpath: string }
  | { readonly kind: 'builtin' }
  | { readonly kind: 'missing' }

/** A package.json and where it stands. */
export interface Manifest {
  readonly folder: string
  readonly json: Readonly<Record<string, unknown>>
}

const missing: Target = { kind: 'missing' }

/** Resolves as Node does for `import`, but leaves packages outside of the workspace unopened. */
export function resolveImport(specifier: string, from: string, conditions: ReadonlySet<string>): Target {
  if (isBuiltin(specifier)) return { kind: 'builtin' }
  if (/^\.{0,2}\//.test(specifier)) return fileTarget(resolve(dirname(from), specifier))
  if (specifier.startsWith('#')) return internal(specifier, from, conditions)
  const { name, subpath } = packageIn(specifier)
  const folder = packageFolder(name, from)
  if (folder === undefined) return missing
  // The framework stays a package also where it is linked into the workspace.
  if (name === 'dure' || folder.includes(`${sep}node_modules${sep}`))
    return { kind: 'package', name, subpath }
  const found = fileIn(folder, subpath, conditions)
  return found.kind === 'file' ? { ...found, package: name } : { kind: 'package', name, subpath }
}

/** The file that an import of somebody else's package loads. */
export function packageFile(
  specifier: string,
  from: string,
  conditions: ReadonlySet<string>,
): string | undefined {
  const { name, subpath } = packageIn(specifier)
  const folder = packageFolder(name, from)
  const found = folder === undefined ? missing : fileIn(folder, subpath, conditions)
  return found.kind === 'file' ? found.file : undefined
}

function packageIn(specifier: string): { readonly name: string; readonly subpath: string } {
  const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? []
  return { name, subpath: `.${rest}` }
}

function fileIn(folder: string, subpath: string, conditions: ReadonlySet<string>): Target {
  const { exports, main } = manifestIn(folder)?.json ?? {}
  const path =
    exports === undefined
      ? subpath === '.'
        ? typeof main === 'string'
          ? main
          : 'index.js'
        : subpath
      : targetIn(exports, subpath, conditions)
  return path === undefined ? missing : fileTarget(join(folder, path))
}

function internal(specifier: string, from: string, conditions: ReadonlySet<string>): Target {
  const manifest = manifestOf(from)
  const path = manifest && targetIn(manifest.json['imports'] ?? {}, specifier, conditions)
  if (manifest === undefined || path === undefined) return missing
  return path.startsWith('./')
    ? fileTarget(join(manifest.folder, path))
    : resolveImport(path, join(manifest.folder, 'package.json'), conditions)
}

/** The package.json that a file belongs to. */
export function manifestOf(file: string): Manifest | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = manifestIn(folder)
    if (found !== undefined || folder === dirname(folder)) return found
  }
}

function manifestIn(folder: string): Manifest | undefined {
  try {
    return {
      folder,
      json: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest['json'],
    }
  } catch {
    return undefined
  }
}

function packageFolder(name: string, from: string): string | undefined {
  const own = manifestOf(from)
  if (own?.json['name'] === name && own.json['exports'] !== undefined) return own.folder
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name)
    if (basename(folder) !== 'node_modules' && existsSync(place)) return realpathSync(place)
    if (folder === dirname(folder)) return undefined
  }
}

// TypeScript also lets the written file be named by the one it is compiled to, or without its ending.
function fileTarget(path: string): Target {
  const written = path.replace(/\.([mc]?)js$/, '.$1ts')
  const candidates = [
    path,
    written,
    `${path}.ts`,
    join(path, 'index.ts'),
    `${path}.js`,
    join(path, 'index.js'),
  ]
  const found = candidates.find((it) => statSync(it, { throwIfNoEntry: false })?.isFile())
  return found === undefined ? missing : { kind: 'file', file: realpathSync(found) }
}

/** The conditions that the program is run with: Node's own, and those of its flags. */
export function importConditions(execArgv: readonly string[], nodeOptions = ''): ReadonlySet<string> {
  const flags = [...nodeOptions.split(/\s+/), ...execArgv]
  const given = flags.flatMap((flag, i) => {
    const [name, value = flags[i + 1] ?? ''] = flag.split('=')
    return name === '--conditions' || name === '-C' ? [value] : []
  })
  return new Set(['node', 'import', 'module-sync', 'node-addons', ...given])
}
