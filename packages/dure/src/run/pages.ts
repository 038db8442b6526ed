import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import type { Http } from '../http/index.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/**
 * Serves the files of a folder beside the API, `index.html` at `/`. Read once at the start and served by their exact paths,
 * so no path from outside ever reaches the file system.
 */
export async function servePages(http: Http, directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const type = types[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const body = await readFile(file)
    const path = `/${relative(directory, file).split(sep).join('/')}`
    const paths = path === '/index.html' ? ['/', path] : [path]
    for (const url of paths) {
      http.server.get(url, (_, reply) =>
        reply
          .header('content-type', type)
          .header('cache-control', 'no-cache')
          .header('x-content-type-options', 'nosniff')
          .send(body),
      )
    }
  }
}
