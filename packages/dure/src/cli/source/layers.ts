import { relative, sep } from 'node:path'

/** The layers of the guide, by the folders that hold them. */
export type Layer = 'api' | 'app' | 'domain' | 'infrastructure'

const folders: Readonly<Record<string, Layer>> = {
  api: 'api',
  app: 'app',
  application: 'app',
  domain: 'domain',
  infrastructure: 'infrastructure',
}

/** What a layer may import of its own context besides itself. Wiring, in no layer, may import everything. */
export const inward: Readonly<Record<Layer, readonly Layer[]>> = {
  api: ['app', 'domain'],
  app: ['domain'],
  domain: [],
  infrastructure: ['app', 'domain'],
}

/** The layer of a file, by the outermost folder of that name below the home of its context. */
export function layerOf(home: string, file: string): Layer | undefined {
  const path = relative(home, file).split(sep).slice(0, -1)
  const name = path.find((it) => Object.hasOwn(folders, it))
  return name === undefined ? undefined : folders[name]
}

/** Tests look at the inside of everything. */
export function isTest(file: string): boolean {
  return (
    /\.(test|spec)(-d)?\.[mc]?[jt]s$/.test(file) ||
    new RegExp(`\\${sep}(tests?|__tests__)\\${sep}`).test(file)
  )
}
