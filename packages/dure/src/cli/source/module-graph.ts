import { readFile } from 'node:fs/promises'
import { readImports, type Import } from './read-imports.ts'
import { resolveImport, type Target } from './resolve-import.ts'

/** An import, and where it leads. */
export interface Edge extends Import {
  readonly target: Target
}

/** A source file of the workspace. */
export interface Module {
  readonly file: string
  readonly edges: readonly Edge[]
  /** Why its imports are not known. */
  readonly unreadable?: string
}

/** Reads modules, each once. */
export class ModuleReader {
  readonly #conditions: ReadonlySet<string>
  readonly #read = new Map<string, Promise<Module>>()

  constructor(conditions: ReadonlySet<string>) {
    this.#conditions = conditions
  }

  async read(file: string): Promise<Module> {
    const known = this.#read.get(file)
    if (known !== undefined) return known
    const reading = this.#parse(file)
    this.#read.set(file, reading)
    return reading
  }

  /** The files that are reached from some, themselves included, along the edges that `follow` lets pass. */
  async reach(
    from: readonly string[],
    follow: (edge: Edge) => boolean = () => true,
  ): Promise<readonly Module[]> {
    const found = new Map<string, Module>()
    const waiting = [...from]
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (found.has(file) || !isSource(file)) continue
      const module = await this.read(file)
      found.set(file, module)
      for (const edge of module.edges) {
        if (edge.target.kind === 'file' && follow(edge)) waiting.push(edge.target.file)
      }
    }
    return [...found.values()]
  }

  async #parse(file: string): Promise<Module> {
    try {
      const imports = await readImports(await readFile(file, 'utf8'))
      const edges = imports.map((it) => ({
        ...it,
        target: resolveImport(it.specifier, file, this.#conditions),
      }))
      return { file, edges }
    } catch (error) {
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n')
      return { file, edges: [], unreadable: reason }
    }
  }
}

/** Whether a file can hold imports: TypeScript that Node runs, or JavaScript. Declarations hold no program. */
export function isSource(file: string): boolean {
  return /\.[mc]?[jt]s$/.test(file) && !/\.d\.[mc]?ts$/.test(file)
}
