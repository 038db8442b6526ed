import { createServer } from 'node:net'

/** Below what systems give to those who ask for any port, so that nobody else comes by one before it is listened on. */
const [FIRST, LAST] = [15_000, 31_000]

/** Ports that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let port = FIRST + (process.pid % 1000) * 16; found.size < count; port++) {
    if (port > LAST) port = FIRST
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => void server.close(() => resolve(true)))
  })
}
