import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { installPackage, isDebian } from '../process/debian.mjs'
import { isRoot, run } from '../process/run.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** A browser for what is to run in one: no server, but what a test needs besides and a machine may lack. */
export const chromium = {
  name: 'chromium',
  about: 'Chromium, which tests start by themselves',
  variable: 'DURE_TEST_CHROMIUM',
  needs: [],
  look,
  async up({ say }) {
    const found = (await look()) ?? (await install(say))
    if (found !== undefined) return found
    const fix = 'install Chromium, or set DURE_TEST_CHROMIUM to its path'
    throw new Complaint('DURE_REPO_PACKAGE', 'no Chromium was found, and it cannot be installed here', fix)
  },
  restart: (options) => chromium.up(options),
  // It is the machine's, and takes nothing while no test runs it.
  down: async () => undefined,
}

async function install(say) {
  if (!isDebian || !isRoot) return undefined
  await installPackage('chromium', say)
  return look()
}

async function look() {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const places = [
    process.env['DURE_TEST_CHROMIUM'],
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  const url = places.find((it) => it !== undefined && existsSync(it))
  if (url === undefined) return undefined
  const { code, output } = await run(url, ['--version'])
  return code === 0 ? { version: /\d+\.[\d.]+/.exec(output)?.[0] ?? 'unknown', url } : undefined
}
