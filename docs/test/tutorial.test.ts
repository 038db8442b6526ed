import { join } from 'node:path'
import { expect, test } from 'vitest'
import { placeOf, readPage, root } from './markdown.ts'
import { requestsIn } from './requests.ts'
import { scratch, type Served } from './scratch.ts'

const tutorial = readPage('docs/tutorial/first-service.md')

// In place of `npm start`: the same system, its data in memory.
const boot = `
import { run } from 'dure/run'
import { memoryStorage } from 'dure/memory'
import { school } from './src/system.ts'
await run(school, { storage: memoryStorage() })
`

test('the tutorial works, step by step', { timeout: 60_000 }, async () => {
  using it = scratch()
  it.write('boot.ts', boot)
  const files = new Set<string>()
  let served: Served | undefined
  let answer: unknown
  const perform = async (line: string): Promise<void> => {
    if (line === 'npm test') expect(await it.node('--test')).toMatch(/^# pass [1-9]|^ℹ pass [1-9]/m)
    else if (line === 'npm run check') {
      expect(await it.node(join(root, 'packages/dure/src/cli/main.ts'), 'check')).toContain('no errors')
    } else if (line === 'npm start') {
      await served?.stop()
      served = await it.serve('boot.ts')
    } else {
      const [request] = requestsIn(line)
      if (request === undefined) throw new Error(`the tests do not know: ${line}`)
      answer = await (await soon(() => fetch(`${served?.url}${request.path}`, request.init))).json()
    }
  }
  try {
    for (const fence of tutorial.fences) {
      const title = fence.marks.get('title')
      if (title !== undefined) {
        it.write(title, fence.text)
        if (title.endsWith('.ts')) files.add(title)
      } else if (fence.marks.has('tutorial')) {
        for (const line of fence.text.split('\n')) await perform(line)
      } else if (fence.language === 'json') {
        expect([placeOf(fence), answer]).toMatchObject([placeOf(fence), JSON.parse(fence.text)])
      }
    }
    expect(await it.typeCheck([...files])).toBe('')
  } finally {
    await served?.stop()
  }
})

test('what the tutorial says about the check without a map is so', { timeout: 20_000 }, async () => {
  using it = scratch()
  for (const fence of tutorial.fences) {
    const title = fence.marks.get('title')
    if (title !== undefined) it.write(title, fence.text.replace(/^ {2}map: .*\n/m, ''))
  }
  const check = it.node(join(root, 'packages/dure/src/cli/main.ts'), 'check')
  await expect(check).rejects.toThrow(
    /policy "raise an invoice[^]*Add \{ upstream: Teaching, downstream: Billing/,
  )
})

// A person types more slowly than a policy follows.
async function soon(send: () => Promise<Response>): Promise<Response> {
  for (let left = 40; ; left--) {
    const response = await send()
    if (left === 0 || response.status !== 404) return response
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
