import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNats } from '../../scripts/services/instances.mjs'

/** A NATS server of this benchmark alone, with JetStream on files, that ends with it. */
export async function startNats() {
  const folder = mkdtempSync(join(tmpdir(), 'dure-bench-'))
  const server = await createNats({ version: 'current', folder: join(folder, 'nats') })
  const close = async () => {
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await server.start({ say: (line) => process.stderr.write(`${line}\n`) })
  } catch (error) {
    await close()
    throw error
  }
  return { url: server.url, close }
}
