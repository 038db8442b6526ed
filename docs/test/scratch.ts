import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './markdown.ts'

/** A folder outside the repository that sees the repository's packages, as a user's project would. */
export interface Scratch extends Disposable {
  readonly folder: string
  write(path: string, text: string): void
  /** Runs Node on the sources of dure; rejects with all that it wrote. */
  node(...args: readonly string[]): Promise<string>
  /** As `node`, with more in its environment; resolves to all that it wrote, also where it fails. */
  nodeWith(
    env: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<{ readonly failed: boolean; readonly wrote: string }>
  /** Problems that the compiler finds in these files, under the repository's options; without files, in the folder's own project. */
  typeCheck(files?: readonly string[]): Promise<string>
  /** Starts a program that calls `run(…)`; resolves when it listens. */
  serve(file: string): Promise<Served>
}

export interface Served {
  readonly url: string
  /** Asks it to end, as a terminal or Kubernetes would; resolves to its exit code. */
  stop(): Promise<number | null>
}

const fromSource = '--conditions=@dure/source'

const compilerOptions = {
  noEmit: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  rewriteRelativeImportExtensions: false,
  allowImportingTsExtensions: true,
}

export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'dure-docs-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', '{ "type": "module" }')
  return {
    folder,
    write,
    node: (...args) => node(folder, args),
    nodeWith: (env, ...args) =>
      node(folder, args, env).then(
        (wrote) => ({ failed: false, wrote }),
        (error: unknown) => ({ failed: true, wrote: (error as Error).message }),
      ),
    async typeCheck(files) {
      const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, files }
      if (files !== undefined) write('tsconfig.check.json', JSON.stringify(config))
      const project = files === undefined ? 'tsconfig.json' : 'tsconfig.check.json'
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const options = ['-p', project, '--pretty', 'false', '--customConditions', '@dure/source']
      return node(folder, [tsc, ...options]).then(
        () => '',
        (error: unknown) => ownProblems((error as Error).message),
      )
    },
    serve: (file) => serve(folder, file),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

// What is wrong in the library is for the library's own check to say.
function ownProblems(output: string): string {
  const first = /^(?! )(?!\.\.)/
  return output
    .split(/\n(?! )/)
    .filter((it) => it !== '' && first.test(it))
    .join('\n')
}

function node(cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: fromSource, NODE_ENV: 'production', ...more }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${stdout}${stderr}`))
    })
  })
}

async function serve(cwd: string, file: string): Promise<Served> {
  const env = { ...process.env, PORT: '0', NODE_ENV: 'production' }
  const child = spawn(process.execPath, [fromSource, file], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    const { message, url } = JSON.parse(line) as { message: string; url: string }
    if (message !== 'listening') continue
    child.stdout.resume()
    return {
      url,
      stop: () => {
        child.kill('SIGTERM')
        return ended
      },
    }
  }
  throw new Error(`${file} ended with ${await ended} before it listened`)
}
