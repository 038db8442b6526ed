import { join } from 'node:path'
import { cache } from '../folder.mjs'
import { loaderOf, unpackRelease } from '../process/debian.mjs'

const RELEASE = 'bookworm'

// With what the program loads.
const PACKAGES = [
  'redis-tools',
  'libc6',
  'libatomic1',
  'libgcc-s1',
  'libstdc++6',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'libhiredis0.14',
  'libssl3',
  'libsystemd0',
  'libcap2',
  'libgcrypt20',
  'libgpg-error0',
  'liblz4-1',
  'liblzma5',
  'libzstd1',
  'lua-cjson',
  'lua-bitop',
]

/** The command of a Redis 7.0; fetches it when there is none. */
export async function redisProgram(say) {
  const root = join(cache, 'redis-7.0')
  await unpackRelease(RELEASE, PACKAGES, root, say)
  // The server is the same program under another name.
  return [...loaderOf(root), '--argv0', 'redis-server', join(root, 'usr/bin/redis-check-rdb')]
}
